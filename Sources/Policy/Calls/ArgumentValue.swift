/// A value that a call brings: JSON, with numbers as they were written, so that nothing is lost of them.
public indirect enum ArgumentValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// As it was written, in JSON's grammar (RFC 8259 §6).
    case number(String)
    case string(String)
    case array([ArgumentValue])
    /// No name is there twice: whoever reads the text has refused that.
    case object([Member])

    public struct Member: Hashable, Sendable {
        public var name: String
        public var value: ArgumentValue

        public init(name: String, value: ArgumentValue) {
            self.name = name
            self.value = value
        }
    }

    /// Nothing at all is brought.
    public static let empty = ArgumentValue.object([])
}

extension ArgumentValue {
    /// The values at a pointer; several where it has a `*`.
    func values(at pointer: ArgumentPointer) -> [ArgumentValue] {
        var found = [self]
        for step in pointer.steps {
            found = found.flatMap { $0.values(behind: step) }
            if found.isEmpty { break }
        }
        return found
    }

    private func values(behind step: ArgumentPointer.Step) -> [ArgumentValue] {
        switch (self, step) {
        case (.array(let elements), .any): elements
        case (.object(let members), .any): members.map(\.value)
        case (.array(let elements), .name(let name)):
            ArgumentPointer.index(name).flatMap { $0 < elements.count ? [elements[$0]] : nil } ?? []
        case (.object(let members), .name(let name)):
            members.filter { $0.name.utf8.elementsEqual(name) }.map(\.value)
        default: []
        }
    }

    /// Whether all that is in it is named by one of the pointers, or lies within what is.
    func isCovered(by pointers: [ArgumentPointer]) -> Bool {
        isCovered(by: pointers.map { $0.steps[...] })
    }

    private func isCovered(by rests: [ArraySlice<ArgumentPointer.Step>]) -> Bool {
        if rests.contains(where: \.isEmpty) { return true }
        switch self {
        // An empty one brings nothing.
        case .object(let members):
            return members.allSatisfy { member in
                member.value.isCovered(by: ArgumentValue.rests(rests) { $0.names(member.name) })
            }
        case .array(let elements):
            return elements.indices.allSatisfy { index in
                elements[index].isCovered(by: ArgumentValue.rests(rests) { $0.names(index) })
            }
        default: return false
        }
    }

    private static func rests(
        _ rests: [ArraySlice<ArgumentPointer.Step>], _ isMeant: (ArgumentPointer.Step) -> Bool
    ) -> [ArraySlice<ArgumentPointer.Step>] {
        rests.compactMap { rest in rest.first.flatMap { isMeant($0) ? rest.dropFirst() : nil } }
    }
}

/// Where in a call's arguments something stands: a JSON pointer (RFC 6901), in which `*` alone stands for every element of an array and
/// every member of an object.
struct ArgumentPointer: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        case any
        case name([UInt8])

        func names(_ member: String) -> Bool {
            switch self {
            case .any: true
            case .name(let name): member.utf8.elementsEqual(name)
            }
        }

        func names(_ index: Int) -> Bool {
            switch self {
            case .any: true
            case .name(let name): ArgumentPointer.index(name) == index
            }
        }
    }

    let steps: [Step]

    /// - Returns: `nil` for what is no pointer.
    init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        var steps: [Step] = []
        for part in text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard !part.elementsEqual("*".utf8) else {
                steps.append(.any)
                continue
            }
            var name: [UInt8] = []
            var isEscaped = false
            for byte in part {
                switch (isEscaped, byte) {
                case (true, UInt8(ascii: "0")): name.append(UInt8(ascii: "~"))
                case (true, UInt8(ascii: "1")): name.append(UInt8(ascii: "/"))
                case (true, _): return nil
                case (false, UInt8(ascii: "~")):
                    isEscaped = true
                    continue
                default: name.append(byte)
                }
                isEscaped = false
            }
            if isEscaped { return nil }
            steps.append(.name(name))
        }
        self.steps = steps
    }

    /// The place in an array that a step names: decimal, without zeros before it.
    static func index(_ name: [UInt8]) -> Int? {
        guard (1...9).contains(name.count), name.allSatisfy({ 0x30...0x39 ~= $0 }), name.count == 1 || name[0] != 0x30
        else { return nil }
        return name.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}

extension ArgumentCondition {
    /// Whether a text is a pointer as rules write it.
    public static func isPointer(_ text: String) -> Bool { ArgumentPointer(text) != nil }
}

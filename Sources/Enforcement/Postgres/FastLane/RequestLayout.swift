import PostgresWire

/// Where the parts of a pipeline stand that is the whole of what came: `[Parse] Bind [Describe] Execute Sync`, of the unnamed
/// portal and all its rows, with the unnamed statement if there is a Parse.
struct RequestLayout {
    /// Of the Parse; empty when there is none.
    private(set) var text = 0..<0
    /// Of the statement, in the Bind.
    private(set) var name = 0..<0
    /// Codes of the parameters' formats, two bytes each.
    private(set) var parameterFormats = 0..<0
    private(set) var parameterCount = 0
    /// Where the first parameter's length stands.
    private(set) var parameters = 0
    /// Count and codes of the result's formats.
    private(set) var resultFormats = 0..<0
    private(set) var hasDescribe = false

    var hasParse: Bool { !text.isEmpty }

    /// - Returns: `nil` for anything else, and for what the decoder would not take.
    init?(_ bytes: Span<UInt8>) {
        var next = 0
        if let end = bytes.endOfMessage(FrontendTag.parse.rawValue, at: next) {
            guard readParse(bytes, next + 5, end) else { return nil }
            next = end
        }
        guard let bindEnd = bytes.endOfMessage(FrontendTag.bind.rawValue, at: next), readBind(bytes, next + 5, bindEnd)
        else { return nil }
        if hasParse, !name.isEmpty { return nil }
        next = bindEnd
        if let end = bytes.endOfMessage(FrontendTag.describe.rawValue, at: next) {
            guard end - next == 7, bytes[next + 5] == FrontendMessage.Target.portal.rawValue, bytes[next + 6] == 0
            else {
                return nil
            }
            hasDescribe = true
            next = end
        }
        // The unnamed portal, and no bound on its rows: five zeros.
        guard let executeEnd = bytes.endOfMessage(FrontendTag.execute.rawValue, at: next), executeEnd - next == 10,
            bytes[next + 5] == 0, bytes.bigEndian32(at: next + 6) == 0,
            let end = bytes.endOfMessage(FrontendTag.sync.rawValue, at: executeEnd), end - executeEnd == 5,
            end == bytes.count
        else { return nil }
    }

    private mutating func readParse(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        guard start < end, bytes[start] == 0, let stop = bytes.zero(from: start + 1, to: end), stop > start + 1,
            end - stop >= 3
        else { return false }
        text = start + 1..<stop
        return end - stop - 3 == 4 * bytes.bigEndian16(at: stop + 1)
    }

    private mutating func readBind(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        guard start < end, bytes[start] == 0, let stop = bytes.zero(from: start + 1, to: end) else { return false }
        name = start + 1..<stop
        guard let formats = RequestLayout.codes(bytes, stop + 1, end), end - formats.upperBound >= 2 else {
            return false
        }
        parameterFormats = formats.lowerBound + 2..<formats.upperBound
        parameterCount = bytes.bigEndian16(at: formats.upperBound)
        guard parameterFormats.count <= 2 || parameterFormats.count == 2 * parameterCount else { return false }
        var position = formats.upperBound + 2
        parameters = position
        for _ in 0..<parameterCount {
            guard end - position >= 4 else { return false }
            let length = Int(Int32(bitPattern: bytes.bigEndian32(at: position)))
            position += 4
            if length == -1 { continue }
            guard length >= 0, length <= end - position else { return false }
            position += length
        }
        guard let results = RequestLayout.codes(bytes, position, end), results.upperBound == end else { return false }
        resultFormats = results
        return true
    }

    /// A count and as many format codes.
    private static func codes(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Range<Int>? {
        guard end - start >= 2 else { return nil }
        let count = bytes.bigEndian16(at: start)
        guard end - start - 2 >= 2 * count else { return nil }
        let stop = start + 2 + 2 * count
        var position = start + 2
        while position < stop {
            guard bytes[position] == 0, bytes[position + 1] <= 1 else { return nil }
            position += 2
        }
        return start..<stop
    }
}

extension Span<UInt8> {
    /// Where a message ends that is here whole and has this tag.
    @inline(__always)
    func endOfMessage(_ tag: UInt8, at start: Int) -> Int? {
        guard count - start >= 5, self[start] == tag else { return nil }
        let length = Int(bigEndian32(at: start + 1))
        guard length >= 4, length < count - start else { return nil }
        return start + 1 + length
    }

    /// Two bytes as protocols write numbers. The caller has checked that they are there.
    @inline(__always)
    func bigEndian16(at index: Int) -> Int { Int(self[index]) << 8 | Int(self[index + 1]) }

    /// Where the first zero is.
    @inline(__always)
    func zero(from start: Int, to end: Int) -> Int? {
        var index = start
        while index < end {
            if self[index] == 0 { return index }
            index += 1
        }
        return nil
    }
}

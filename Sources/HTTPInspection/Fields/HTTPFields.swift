/// The fields of a message's head or of its trailer section, in order. Names are in the case that they came in and are
/// compared without it; values are without the white space around them.
///
/// All bytes are in one store, so that a head costs two allocations, however many fields it has.
public struct HTTPFields: Sendable {
    /// A field's place in the store.
    struct Entry: Sendable {
        var name: Range<Int> { Int(nameStart)..<(Int(nameStart) + Int(nameCount)) }
        var value: Range<Int> { Int(valueStart)..<(Int(valueStart) + Int(valueCount)) }

        let nameStart: UInt32
        let valueStart: UInt32
        let valueCount: UInt32
        let nameCount: UInt16
        /// Spares most comparisons of a look-up.
        let nameHash: UInt16
    }

    /// The bytes of all fields, and what stands between them. What was removed stays until the fields are gone.
    private(set) var store: [UInt8]
    private(set) var entries: [Entry]

    public init() {
        store = []
        entries = []
    }

    /// - Parameters:
    ///   - store: Names and values that were validated, among other bytes.
    ///   - entries: Where they are in it.
    init(store: [UInt8], entries: [Entry]) {
        self.store = store
        self.entries = entries
    }

    public var count: Int { entries.count }
    public var isEmpty: Bool { entries.isEmpty }

    /// - Precondition: none; an index that is no field's gives nothing.
    public func name(at index: Int) -> ArraySlice<UInt8> {
        entries.indices.contains(index) ? store[entries[index].name] : []
    }

    public func value(at index: Int) -> ArraySlice<UInt8> {
        entries.indices.contains(index) ? store[entries[index].value] : []
    }

    public func forEach(_ body: (_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Void) {
        for entry in entries { body(store[entry.name], store[entry.value]) }
    }

    /// The value of the first field of this name.
    public func first(named name: String) -> ArraySlice<UInt8>? {
        guard let index = index(of: name) else { return nil }
        return store[entries[index].value]
    }

    /// The values of all fields of this name, in order.
    public func all(named name: String) -> [ArraySlice<UInt8>] {
        var found: [ArraySlice<UInt8>] = []
        var next = index(of: name)
        while let index = next {
            found.append(store[entries[index].value])
            next = self.index(of: name, from: index + 1)
        }
        return found
    }

    public func contains(_ name: String) -> Bool { index(of: name) != nil }

    /// How many fields have this name.
    public func count(of name: String) -> Int {
        var count = 0
        var next = index(of: name)
        while let index = next {
            count += 1
            next = self.index(of: name, from: index + 1)
        }
        return count
    }

    /// - Throws: for a name that is no token and for a value with control characters: a line's end in a value would be another
    ///   field.
    public mutating func append(_ name: String, _ value: String) throws(HTTPError) {
        try append(name: Array(name.utf8), value: Array(value.utf8))
    }

    /// White space around the value is left out.
    public mutating func append(name: some Collection<UInt8>, value: some Collection<UInt8>) throws(HTTPError) {
        entries.append(try entry(name: name, value: value))
    }

    /// Puts one field of this name where the first of them was, or at the end where there was none.
    public mutating func replace(_ name: String, with value: String) throws(HTTPError) {
        try replace(name, with: Array(value.utf8))
    }

    public mutating func replace(_ name: String, with value: some Collection<UInt8>) throws(HTTPError) {
        let first = index(of: name)
        let new = try entry(name: name.utf8, value: value)
        guard let first else {
            entries.append(new)
            return
        }
        remove(named: name)
        entries.insert(new, at: first)
    }

    /// - Returns: Whether there was one.
    @discardableResult
    public mutating func remove(named name: String) -> Bool {
        let before = entries.count
        while let index = index(of: name) { entries.remove(at: index) }
        return entries.count != before
    }

    /// Removes the fields that a predicate picks.
    public mutating func removeAll(where picked: (_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Bool) {
        let store = store
        entries.removeAll { picked(store[$0.name], store[$0.value]) }
    }

    private mutating func entry(
        name: some Collection<UInt8>, value: some Collection<UInt8>
    ) throws(HTTPError) -> Entry {
        let name = Array(name)
        let value = OptionalWhitespace.trimmed(Array(value)[...])
        guard !name.isEmpty, name.count <= HTTPLimits.fieldName, name.allSatisfy(Octet.isToken) else {
            throw HTTPError(.malformedField, "a field name that is no token")
        }
        guard value.count <= HTTPLimits.head, value.allSatisfy(Octet.isFieldContent) else {
            throw HTTPError(.malformedField, "a field value with control characters, or of \(value.count) bytes")
        }
        guard store.count <= Int(UInt32.max) - name.count - value.count else {
            throw HTTPError(.oversizedHead, status: 431, "fields of more than 4 GiB")
        }
        let start = store.count
        store += name
        store += value
        return Entry(
            nameStart: UInt32(start), valueStart: UInt32(start + name.count), valueCount: UInt32(value.count),
            nameCount: UInt16(name.count), nameHash: NameHash.of(name.span))
    }

    func index(of name: String, from start: Int = 0) -> Int? {
        let name = name.utf8.span
        let hash = NameHash.of(name)
        var index = start
        while index < entries.count {
            let entry = entries[index]
            if entry.nameHash == hash, Int(entry.nameCount) == name.count, matches(entry, name) { return index }
            index += 1
        }
        return nil
    }

    /// Whether a field's value is a text, which is in lower case, when its case does not count. The index is a field's.
    func value(at index: Int, isWithoutCase text: String) -> Bool {
        store.span.extracting(entries[index].value).spellsWithoutCase(text)
    }

    private func matches(_ entry: Entry, _ name: Span<UInt8>) -> Bool {
        let start = Int(entry.nameStart)
        for offset in name.indices where Octet.lowercased(store[start + offset]) != Octet.lowercased(name[offset]) {
            return false
        }
        return true
    }
}

extension HTTPFields: Equatable {
    /// The same names, in the same case, with the same values, in the same order.
    public static func == (left: HTTPFields, right: HTTPFields) -> Bool {
        left.entries.elementsEqual(right.entries) {
            left.store[$0.name] == right.store[$1.name] && left.store[$0.value] == right.store[$1.value]
        }
    }
}

/// Of a field's name without its case.
enum NameHash {
    static let start: UInt16 = 0

    static func of(_ name: Span<UInt8>) -> UInt16 {
        var hash = start
        for index in name.indices { hash = next(hash, name[index]) }
        return hash
    }

    @inline(__always)
    static func next(_ hash: UInt16, _ byte: UInt8) -> UInt16 {
        hash &* 31 &+ UInt16(byte | 0x20)
    }
}

/// The names of the objects that are open in a JSON text, so that one that comes twice in an object is known.
///
/// Of each name a fingerprint of 64 bits is kept. Two different names with the same one would be taken for a duplicate: of 65,536 names that
/// happens once in ten billion objects, and whoever brings it about has done so to a document of their own.
struct JSONNames: Sendable {
    /// Names of one object at the most, and of all that are open: objects that are tables have thousands. Half a megabyte, and two.
    static let perObject = 65_536
    static let total = 262_144
    /// With more than these a set is kept: they are compared one by one.
    private static let few = 16

    /// Of the names of all open objects; behind ``used`` what is left of others.
    private var prints: [UInt64] = []
    private var used = 0
    /// Where the names of the innermost object begin, and those of the objects around it.
    private var start = 0
    private var outer: [Int] = []
    /// By the number of objects around it, the set of an object with many names.
    private var sets: [Int: Set<UInt64>] = [:]

    @inline(__always)
    mutating func open() {
        outer.append(start)
        start = used
    }

    @inline(__always)
    mutating func close() {
        guard let outer = outer.popLast() else { return }
        if !sets.isEmpty { sets[self.outer.count] = nil }
        used = start
        start = outer
    }

    mutating func removeAll() {
        used = 0
        start = 0
        outer.removeAll(keepingCapacity: true)
        sets.removeAll()
        if prints.count > JSONNames.perObject { prints = [] }
    }

    /// Adds a name to the innermost object.
    ///
    /// - Parameters:
    ///   - name: without its escapes.
    ///   - use: the key of policy's that it is, in whatever case: who reads names without case takes two spellings for one.
    @inline(__always)
    mutating func insert(_ name: Span<UInt8>, use: Int?) throws(DocumentFault) {
        try insert(JSONNames.fingerprint(of: name))
        if let use { try insert(UInt64(truncatingIfNeeded: use) &* JSONNames.multiplier | 1) }
    }

    @inline(__always)
    private mutating func insert(_ print: UInt64) throws(DocumentFault) {
        guard !outer.isEmpty else { return }
        let count = used - start
        if count < JSONNames.few {
            let known = prints.span
            var isKnown = false
            for index in start..<used where known[index] == print { isKnown = true }
            guard !isKnown else { throw JSONNames.duplicate }
        } else {
            try insertAmongMany(print)
        }
        if used < prints.count { prints[used] = print } else { prints.append(print) }
        used += 1
    }

    @inline(never)
    private mutating func insertAmongMany(_ print: UInt64) throws(DocumentFault) {
        let number = outer.count - 1
        if sets[number] == nil { sets[number] = Set(prints[start..<used]) }
        guard sets[number]?.insert(print).inserted == true else { throw JSONNames.duplicate }
        guard used - start < JSONNames.perObject, used < JSONNames.total else {
            throw DocumentFault(.tooLong, "JSON with objects of more than \(JSONNames.perObject) names")
        }
    }

    private static let duplicate = DocumentFault(.duplicateName, "JSON with an object that has a name twice")
    private static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15

    @inline(__always)
    private static func fingerprint(of name: Span<UInt8>) -> UInt64 {
        var state = UInt64(truncatingIfNeeded: name.count) &* multiplier
        let raw = unsafe name.bytes
        let count = name.count
        var position = 0
        while position &+ 8 <= count {
            state = mixed(state, unsafe raw.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
            position &+= 8
        }
        // What is left, in few loads; that it overlaps what was read is of no matter, as the length counts, too.
        var rest: UInt64 = 0
        if count >= 8 {
            rest = unsafe raw.unsafeLoadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        } else if count >= 4 {
            let first = unsafe raw.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self)
            let last = unsafe raw.unsafeLoadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            rest = UInt64(first) << 32 | UInt64(last)
        } else if count > 0 {
            let middle = UInt64(unsafe name[unchecked: count >> 1])
            rest = UInt64(unsafe name[unchecked: 0]) << 16 | middle << 8 | UInt64(unsafe name[unchecked: count &- 1])
        }
        // The last bit tells it from a key's own.
        return mixed(state, rest) & ~1
    }

    @inline(__always)
    private static func mixed(_ state: UInt64, _ word: UInt64) -> UInt64 {
        let product = (state ^ word ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB ^ state)
        return product.high ^ product.low ^ word.byteSwapped &* multiplier
    }
}

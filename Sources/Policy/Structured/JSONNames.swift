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

    private var prints: [UInt64] = []
    /// For each open object where its names begin, and the set of an object with many.
    private var objects: [(start: Int, set: Set<UInt64>?)] = []

    mutating func open() { objects.append((prints.count, nil)) }

    mutating func close() {
        guard let object = objects.popLast() else { return }
        prints.removeLast(prints.count - object.start)
    }

    mutating func removeAll() {
        prints.removeAll(keepingCapacity: true)
        objects.removeAll(keepingCapacity: true)
    }

    /// Adds a name to the innermost object.
    ///
    /// - Parameters:
    ///   - name: without its escapes.
    ///   - use: the key of policy's that it is, in whatever case: who reads names without case takes two spellings for one.
    mutating func insert(_ name: Span<UInt8>, use: Int?) throws(DocumentFault) {
        try insert(JSONNames.fingerprint(of: name))
        if let use { try insert(UInt64(truncatingIfNeeded: use) &* JSONNames.multiplier | 1) }
    }

    private mutating func insert(_ print: UInt64) throws(DocumentFault) {
        guard let last = objects.indices.last else { return }
        let start = objects[last].start
        let count = prints.count - start
        if count < JSONNames.few {
            var isKnown = false
            for index in start..<prints.count where prints[index] == print { isKnown = true }
            guard !isKnown else { throw JSONNames.duplicate }
        } else {
            if objects[last].set == nil { objects[last].set = Set(prints[start...]) }
            guard objects[last].set?.insert(print).inserted == true else { throw JSONNames.duplicate }
        }
        guard count < JSONNames.perObject, prints.count < JSONNames.total else {
            throw DocumentFault(.tooLong, "JSON with objects of more than \(JSONNames.perObject) names")
        }
        prints.append(print)
    }

    private static let duplicate = DocumentFault(.duplicateName, "JSON with an object that has a name twice")
    private static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15

    private static func fingerprint(of name: Span<UInt8>) -> UInt64 {
        var state = UInt64(truncatingIfNeeded: name.count) &* multiplier
        let raw = unsafe name.bytes
        var position = 0
        while position + 8 <= name.count {
            state = mixed(state, unsafe raw.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
            position += 8
        }
        var rest: UInt64 = 0
        while position < name.count {
            rest = rest << 8 | UInt64(name[position])
            position += 1
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

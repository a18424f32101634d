/// What of a path a glob's hash is made from.
///
/// Globs of one shape are found with one look-up, however many there are: the path's parts that the shape names are
/// hashed, and the globs under that hash are compared in full. A set of globs has few shapes (exact names are one,
/// `*.*.name` another, a prefix one for each length). What has neither a literal, a prefix nor a suffix anywhere
/// (`*a*`) is of a shape that names nothing, and so all of those are compared.
struct GlobShape: Hashable, Sendable {
    enum Part: Hashable, Sendable {
        case whole
        case any
        case prefix(Int)
        case suffix(Int)
    }

    /// Empty: for paths of any length.
    var parts: [Part]
    /// Whether it is for paths that have more parts, too.
    var isOpen = false

    /// - Parameter glob: in its encoded form.
    init(of glob: [UInt8]) {
        isOpen = glob.first.map(GlobPattern.isOpen) ?? false
        parts = GlobPattern.components(of: glob).map { segments in
            guard let first = segments.first, let last = segments.last, segments.count > 1 else { return .whole }
            if !first.isEmpty { return .prefix(first.count) }
            return last.isEmpty ? .any : .suffix(last.count)
        }
    }

    init(parts: [Part], isOpen: Bool) {
        self.parts = parts
        self.isOpen = isOpen
    }

    /// Whether globs of this shape match paths of so many parts.
    func takes(_ count: Int) -> Bool {
        parts.isEmpty || parts.count == count || isOpen && parts.count < count
    }

    /// The hash of a path, or of a glob's own literals, under the shape with this number; `nil` when no glob of the shape
    /// can match it.
    ///
    /// - Parameter literal: a component's bytes, of which a prefix or a suffix is taken. For a glob they are that
    ///   prefix or suffix itself.
    static func hash(shape number: Int, parts: some Sequence<Part>, literal: (Int) -> [UInt8]) -> UInt32? {
        var hash = GlobHash(UInt64(truncatingIfNeeded: number))
        var index = 0
        for part in parts {
            switch part {
            case .any:
                break
            case .whole:
                hash.add(literal(index)[...])
            case .prefix(let length):
                let text = literal(index)
                guard text.count >= length else { return nil }
                hash.add(text.prefix(length))
            case .suffix(let length):
                let text = literal(index)
                guard text.count >= length else { return nil }
                hash.add(text.suffix(length))
            }
            index += 1
        }
        return hash.value
    }

    /// The bytes of a glob that its hash is made from.
    static func literal(_ segments: [[UInt8]]) -> [UInt8] {
        guard let first = segments.first, let last = segments.last else { return [] }
        return first.isEmpty ? last : first
    }
}

/// FNV-1a, folded to 32 bits. Collisions cost a comparison each and change no answer.
private struct GlobHash {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    init(_ seed: UInt64) {
        state = (state ^ seed) &* 0x0000_0100_0000_01B3
    }

    mutating func add(_ bytes: ArraySlice<UInt8>) {
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        state = (state ^ 0x100) &* 0x0000_0100_0000_01B3
    }

    var value: UInt32 { UInt32(truncatingIfNeeded: state ^ state >> 32) }
}

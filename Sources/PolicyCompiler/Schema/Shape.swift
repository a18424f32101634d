/// What a value of a policy must look like. One table of shapes makes the compiler's checks, the JSON schema for
/// editors and the reference in docs/policy.md, so that the three cannot disagree.
indirect enum Shape: Sendable {
    case object(ObjectShape)
    /// Names of the author's choosing, each with a value.
    case map(MapShape)
    /// One or more; a single value stands for a list of it.
    case list(of: Shape)
    /// None or more; a single value stands for a list of it.
    case anyList(of: Shape)
    /// One or more, always written as a list.
    case sequence(of: Shape)
    case text(TextKind)
    case choice([Choice])
    case boolean
    case integer(ClosedRange<Int>)
    /// Seconds.
    case duration(ClosedRange<UInt32>)
    case bytes(ClosedRange<UInt64>)
    /// One value exactly.
    case constant(String)
    /// A word, or an object with one key.
    case mask(words: [Choice], object: ObjectShape)
    /// Something that is read elsewhere.
    case anything
}

/// A word that may be written, and what it means.
struct Choice: Sendable {
    var name: String
    var meaning: String
}

struct ObjectShape: Sendable {
    /// What one of these is called, with its article: "a rule".
    var title: String
    /// How the reference calls it: `rules[]`.
    var path: String
    var purpose: String
    var keys: [KeyShape]
    /// Of these keys one must be there, and no two.
    var exactlyOneOf: [String] = []
    /// An object with no key at all says nothing, and is refused rather than guessed at.
    var mayBeEmpty = false

    func key(_ name: String) -> KeyShape? { keys.first { $0.name == name } }
}

struct KeyShape: Sendable {
    var name: String
    var shape: Shape
    var isRequired: Bool
    /// What holds when the key is left out, as the reference says it.
    var absent: String?
    var purpose: String

    init(_ name: String, _ shape: Shape, required: Bool = false, absent: String? = nil, _ purpose: String) {
        self.name = name
        self.shape = shape
        self.isRequired = required
        self.absent = absent
        self.purpose = purpose
    }
}

struct MapShape: Sendable {
    /// What a name in it names: "resource".
    var noun: String
    var value: ObjectShape
    /// What a name must be.
    var names = TextKind.name
}

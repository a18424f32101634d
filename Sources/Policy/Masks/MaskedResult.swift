/// What a mask made of a value.
public enum MaskedResult: Hashable, Sendable {
    /// The masked value's text was appended to the output.
    case text
    /// The masked value is NULL; nothing was appended.
    case null
}

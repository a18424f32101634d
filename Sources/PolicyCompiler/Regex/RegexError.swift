/// Why a pattern cannot be compiled, where, and what to write in its place.
public struct RegexError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: Hashable, Sendable {
        case syntax
        /// Well formed elsewhere, and no part of the subset: it cannot be matched in linear time, or means nothing here.
        case unsupported
        case tooLarge
        case matchesNothing
    }

    public var code: Code
    /// The character of the pattern, from 1. 1 where the whole pattern is at fault.
    public var column: Int
    public var message: String
    /// What to do about it.
    public var mend: String

    public init(code: Code, column: Int, message: String, mend: String) {
        self.code = code
        self.column = column
        self.message = message
        self.mend = mend
    }

    public var description: String { "column \(column): \(message); \(mend)" }
}

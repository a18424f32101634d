/// Why detectors cannot be compiled.
public struct DetectorCompileError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        /// No detector, built in or custom, has that name.
        case unknownDetector
        /// Two custom detectors have one name, or one has the name of a built-in one.
        case duplicateName
        case pattern
        case context
        case tooMany
    }

    public var code: Code
    /// The detector at fault.
    public var detector: String
    /// The character of its pattern, from 1; `nil` where it is not the pattern's fault.
    public var column: Int?
    public var message: String
    /// What to do about it.
    public var mend: String

    public init(code: Code, detector: String, column: Int? = nil, message: String, mend: String) {
        self.code = code
        self.detector = detector
        self.column = column
        self.message = message
        self.mend = mend
    }

    init(_ error: RegexError, in detector: String) {
        self.init(
            code: .pattern, detector: detector, column: error.column, message: error.message, mend: error.mend)
    }

    public var description: String {
        "detector '\(detector)'\(column.map { ", column \($0)" } ?? ""): \(message); \(mend)"
    }
}

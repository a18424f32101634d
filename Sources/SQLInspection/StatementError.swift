/// Why a text could not be inspected. The message never quotes the statement, so that it may be shown and recorded.
public struct StatementError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable {
        /// The parser refuses it.
        case syntax
        /// No UTF-8, or a NUL byte in it.
        case encoding
        /// Longer than ``StatementInspector/Limits/maxBytes`` or ``StatementInspector/Limits/maxTokens``.
        case tooLong
        /// Nested deeper than ``StatementInspector/Limits/maxDepth``, or than the parser's own bound.
        case tooDeep
        /// The parser's thread is busy with as many statements as may wait for it.
        case busy
    }

    public var code: Code
    public var message: String
    /// The UTF-8 byte offset of the fault in the text, where it is known.
    public var position: Int?

    public init(_ code: Code, _ message: String, position: Int? = nil) {
        self.code = code
        self.message = message
        self.position = position
    }

    public var description: String {
        position.map { "\(message) at byte \($0)" } ?? message
    }
}

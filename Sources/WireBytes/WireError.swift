/// Bytes that are not what the protocol says they are. The connection that they came from cannot go on, unless the code says
/// otherwise.
public struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String, Hashable, Sendable {
            case truncated, trailing, oversized, malformed, unsupported, unexpected
        }

        private let value: Value

        /// The message ends before its content does.
        public static let truncated = Code(value: .truncated)
        /// The message goes on after its content ends.
        public static let trailing = Code(value: .trailing)
        /// A length is more than its named maximum.
        public static let oversized = Code(value: .oversized)
        /// A value that the protocol does not know.
        public static let malformed = Code(value: .malformed)
        /// Likewise, where the message has its form: it can be refused, and the connection go on.
        public static let unsupported = Code(value: .unsupported)
        /// A message that has no place here.
        public static let unexpected = Code(value: .unexpected)

        public var description: String { value.rawValue }
    }

    public let code: Code
    /// For a person: what, with the numbers. It never quotes the content.
    public let reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    public var description: String { "\(code): \(reason)" }
}

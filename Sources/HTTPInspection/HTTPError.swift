/// Bytes that are not HTTP as it is read here, or more of them than are taken. The exchange that they belong to ends, and
/// where they are framing, the connection too.
public struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String, Hashable, Sendable {
            case malformedStartLine, malformedField, malformedTarget, malformedHost, malformedChunk
            case ambiguousFraming, unsupportedTransferCoding, unsupportedVersion, unsupportedExpectation
            case oversizedTarget, oversizedHead, oversizedChunkExtensions, oversizedTrailers, oversizedBody
            case forbiddenTrailer, unexpected, truncated
            case unsupportedCoding, malformedCoding, excessiveExpansion, malformedBody, ambiguousBody
        }

        private let value: Value

        /// A request line or status line that is none.
        public static let malformedStartLine = Code(value: .malformedStartLine)
        /// A field whose name is no token, whose value has control characters, that is folded, or that ends in a bare LF.
        public static let malformedField = Code(value: .malformedField)
        /// A target in none of the four forms, or in one that the method does not take.
        public static let malformedTarget = Code(value: .malformedTarget)
        /// No Host where one must be, several, one that is no authority, or one that is not the target's.
        public static let malformedHost = Code(value: .malformedHost)
        public static let malformedChunk = Code(value: .malformedChunk)
        /// A message whose length two recipients could read differently.
        public static let ambiguousFraming = Code(value: .ambiguousFraming)
        public static let unsupportedTransferCoding = Code(value: .unsupportedTransferCoding)
        public static let unsupportedVersion = Code(value: .unsupportedVersion)
        public static let unsupportedExpectation = Code(value: .unsupportedExpectation)
        public static let oversizedTarget = Code(value: .oversizedTarget)
        public static let oversizedHead = Code(value: .oversizedHead)
        public static let oversizedChunkExtensions = Code(value: .oversizedChunkExtensions)
        public static let oversizedTrailers = Code(value: .oversizedTrailers)
        /// A body, or a part of one that is looked at whole, is longer than its named maximum.
        public static let oversizedBody = Code(value: .oversizedBody)
        /// A field that may not stand in a trailer section: one that frames, routes or authenticates (RFC 9110 §6.5.1).
        public static let forbiddenTrailer = Code(value: .forbiddenTrailer)
        /// A message that has no place here: a response that nobody asked for.
        public static let unexpected = Code(value: .unexpected)
        /// The stream ends within a message.
        public static let truncated = Code(value: .truncated)
        /// A content coding that cannot be opened.
        public static let unsupportedCoding = Code(value: .unsupportedCoding)
        /// Content that is not in the coding that it says.
        public static let malformedCoding = Code(value: .malformedCoding)
        /// Content that grows by more than its named maximum when it is opened.
        public static let excessiveExpansion = Code(value: .excessiveExpansion)
        /// Content that is not of the media type that it says.
        public static let malformedBody = Code(value: .malformedBody)
        /// Content that two recipients could read differently.
        public static let ambiguousBody = Code(value: .ambiguousBody)

        public var description: String { value.rawValue }
    }

    public let code: Code
    /// What a client is answered, where it was the client's message: 400, 413, 414, 415, 417, 421, 431, 501 or 505. A server's
    /// message with the same fault is a 502.
    public let status: Int
    /// For a person: what, with the numbers. It never quotes the content.
    public let reason: String

    public init(_ code: Code, status: Int = 400, _ reason: String) {
        self.code = code
        self.status = status
        self.reason = reason
    }

    public var description: String { "\(code): \(reason)" }
}

/// A status line and its fields.
public struct HTTPResponseHead: Sendable, Equatable {
    /// 100 to 999.
    public let status: Int
    /// The words behind the status; they mean nothing. Without control characters.
    public let reason: [UInt8]
    public let version: HTTPVersion
    public var fields: HTTPFields
    /// What the fields said about the connection. Changing ``fields`` does not change it.
    public let connection: HTTPConnectionOptions

    /// - Throws: for a status that has not three digits, and a reason with control characters.
    public init(
        status: Int, reason: some Collection<UInt8>, version: HTTPVersion = .http11, fields: HTTPFields
    ) throws(HTTPError) {
        guard (100...999).contains(status), reason.allSatisfy(Octet.isFieldContent) else {
            throw HTTPError(
                .malformedStartLine, "a status line with another status than three digits, or control characters")
        }
        self.status = status
        self.reason = Array(reason)
        self.version = version
        self.fields = fields
        connection = try HTTPConnectionOptions(fields)
    }

    /// Whether another response follows to the same request.
    public var isInterim: Bool { status < 200 && status != 101 }

    /// Whether a response with this status has no body, whatever its head says.
    public var hasNoContent: Bool { status < 200 || status == 204 || status == 304 }
}

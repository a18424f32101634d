import HTTPInspection
import Policy

/// Why a body does not pass. It quotes nothing of the body.
public struct BodyRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// What a client is answered whose request it was: 400, 413 or 415. A server's body is answered with 502.
    public let status: Int
    /// For a person.
    public let message: String

    public init(status: Int, _ message: String) {
        self.status = status
        self.message = message
    }

    public var description: String { message }

    init(_ error: HTTPError) {
        self.init(status: error.status == 500 ? 400 : error.status, error.reason)
    }

    init(_ fault: DocumentFault) {
        self.init(status: fault.code == .tooLong || fault.code == .tooDeep ? 413 : 400, fault.reason)
    }

    static let ambiguous = BodyRefusal(
        status: 415, "a body that says that it is one thing and is another, with something to be masked in it")
    static let documentType = BodyRefusal(status: 415, "XML with a document type: its entities may say anything")
}

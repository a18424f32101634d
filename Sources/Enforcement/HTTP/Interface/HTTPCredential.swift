/// What there is of a resource's credential.
public enum HTTPCredentialLookup: Sendable {
    case found(HTTPCredential)
    /// It is being fetched. ``HTTPEvent/credentialSettled`` says when to look again.
    case pending
    /// There is none, and the request is answered 503.
    ///
    /// - Parameters:
    ///   - message: For the client.
    ///   - reason: For the record.
    case missing(message: String, reason: String)

    /// Nothing is sent.
    public static var anonymous: HTTPCredentialLookup { .found(.anonymous) }

    /// The file of a credential is not there, or holds what cannot be sent.
    ///
    /// - Parameter detail: What is wrong, for the record.
    public static func unreadable(_ detail: String) -> HTTPCredentialLookup {
        .missing(
            message: "The credential for this service cannot be read.",
            reason: "no credential for the upstream: \(detail)")
    }
}

/// What tells an upstream that it is the sidecar that asks. It describes itself without its value, so that no log gets it by
/// accident.
public struct HTTPCredential: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The field that it is sent in; `nil`: the upstream asks for nothing.
    public let field: String?
    public let value: String
    /// What nobody may see of it, where a service shows it: the token or the field's value, and a password.
    let secrets: [String]

    /// Nothing is sent.
    public static let anonymous = HTTPCredential(field: nil, value: "", secrets: [])

    /// A field of the service's own.
    public init(field: String, value: String) {
        self.init(field: Optional(field), value: value, secrets: [value])
    }

    /// `Authorization: Bearer` (RFC 6750).
    ///
    /// - Parameter others: Tokens that were sent before and are good still: nobody may see those either.
    public static func bearer(_ token: String, hiding others: [String] = []) -> HTTPCredential {
        HTTPCredential(field: "Authorization", value: "Bearer \(token)", secrets: [token] + others)
    }

    /// `Authorization: Basic` (RFC 7617).
    ///
    /// - Parameter encoded: Name and password as base64.
    public static func basic(encoded: String, password: String) -> HTTPCredential {
        HTTPCredential(field: "Authorization", value: "Basic \(encoded)", secrets: [encoded, password])
    }

    private init(field: String?, value: String, secrets: [String]) {
        self.field = field
        self.value = value
        self.secrets = secrets
    }

    public var description: String { "<credential>" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

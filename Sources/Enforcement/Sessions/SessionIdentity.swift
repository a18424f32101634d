public import Policy

/// Who has been found to be at the other end of a session.
public struct SessionIdentity: Hashable, Sendable {
    public var subject: Subject
    /// When the identity ends, in seconds since 1970, clock skew allowed for already.
    public var expiresAtUnixSeconds: Int64
    /// The token's `jti`; empty when it has none.
    public var tokenID: String

    public init(subject: Subject, expiresAtUnixSeconds: Int64, tokenID: String = "") {
        self.subject = subject
        self.expiresAtUnixSeconds = expiresAtUnixSeconds
        self.tokenID = tokenID
    }
}

/// A token on its way from a client. It describes itself without its value, so that no log gets it by accident.
public struct ClientToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public let value: String

    public init(_ value: String) {
        self.value = value
    }

    public var description: String { "<token>" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Where the agent runs, as far as the sidecar was told.
public struct AgentDescription: Hashable, Sendable {
    public var namespace: String
    public var workload: String
    public var pod: String
    public var sidecarID: String

    public init(namespace: String = "", workload: String = "", pod: String = "", sidecarID: String = "") {
        self.namespace = namespace
        self.workload = workload
        self.pod = pod
        self.sidecarID = sidecarID
    }
}

public import HTTPInspection

/// What happens to a session over HTTP from outside, other than bytes, which have entries of their own
/// (``HTTPSession/receiveFromClient(_:at:into:)``, ``HTTPSession/receiveFromUpstream(_:at:into:)``).
public enum HTTPEvent: Sendable {
    /// The answer to ``HTTPAction/authenticate(token:)``.
    case identified(SessionIdentity)
    /// The answer to ``HTTPAction/authenticate(token:)`` when it is no. `reason` goes to the record and the log; the client is told
    /// only that the token was refused.
    case identityRefused(reason: String)
    /// The answer to ``HTTPAction/resolve(_:)``: at least one address. Else it is ``upstreamFailed(reason:)``.
    case resolved([IPAddress])
    /// The answer to ``HTTPAction/connectUpstream`` and to ``HTTPAction/connect(_:)``.
    case upstreamReady
    /// The answer to each of them when it is no. `reason` is for the record.
    case upstreamFailed(reason: String)
    /// The answer to ``HTTPAction/awaitCredential``: it is worth looking again.
    case credentialSettled
    /// The upstream's connection has ended.
    case upstreamClosed
    /// What the client sent in another version of HTTP is no request, or not the rest of one.
    case requestRefused(HTTPError)
    /// The client's connection has ended.
    case clientClosed
    /// It has ended before the TLS was there that ``HTTPAction/startClientTLS(_:)`` began.
    case clientTLSFailed
    /// An answer to ``HTTPAction/askApproval(_:)``. Also in answer to an ask that could not be delivered.
    case approvalDecided(ApprovalDecision)
    /// Another policy is in force from now on, for exchanges that are not judged yet.
    case policyChanged(any SessionPolicy)
    /// The token was renewed from its file: the same person, with the groups of now.
    case identityChanged(SessionIdentity)
    /// The subject, the token or the session was revoked.
    case revoked(reason: String)
    /// A record could not be spooled and must be (``HTTPSession/mustRecord``): what depended on it was withheld.
    case recordRefused(reason: String)
    /// Time has passed; at the latest at ``HTTPSession/nextDeadline``.
    case tick
    /// The sidecar stops: the session ends with the exchange that is under way.
    case drain
}

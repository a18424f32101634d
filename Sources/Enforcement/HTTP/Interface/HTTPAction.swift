public import HTTPInspection

/// What a session over HTTP wants done besides records and bytes, which have places of their own in ``HTTPOutput``: performed after
/// them, in order.
public enum HTTPAction: Sendable {
    /// Find out who this is, by the token that the client sent, or by the resource's token file when there is none.
    case authenticate(token: ClientToken?)
    /// Connect and do TLS where there is to be some.
    case connectUpstream
    /// Say when the credential is there that was being fetched, or is known not to be.
    case awaitCredential
    /// The upstream did not take this one.
    case credentialRefused(HTTPCredential)
    /// Of a forward proxy: find out what addresses a host's name stands for.
    case resolve(HTTPHost)
    /// Likewise: connect there, and do what its kind says.
    case connect(HTTPRoute)
    /// Flush what was sent; what the client says next is TLS, in which it is shown a certificate of the sidecar's own for this host.
    case startClientTLS(HTTPHost)
    case askApproval(ApprovalAsk)
    /// Nobody waits for this approval any more.
    case withdrawApproval(id: String)
    /// Do not read from the client: the session has as much of it as it may keep.
    case pauseClient
    case resumeClient
    /// Flush what was sent, then close.
    case closeClient
    /// Close at once: nothing that is on its way there counts any more.
    case closeUpstream
}

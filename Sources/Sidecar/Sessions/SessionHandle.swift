import Enforcement

/// What happens to sessions of every protocol from outside their own connections.
enum SessionNotice: Sendable {
    /// Another policy is in force from now on.
    case policyChanged(any SessionPolicy)
    /// The database's catalog was read again; nothing to protocols without one.
    case catalogChanged(PostgresCatalog)
    /// What is known of the database's catalog has not been confirmed for too long; nothing to protocols without one.
    case catalogLost(reason: String)
    /// The token was renewed: the same person, with the groups of now.
    case identityChanged(SessionIdentity)
    /// The subject, the token or the session was revoked.
    case revoked(reason: String)
    /// The sidecar stops.
    case drain
}

/// Whoever runs a session, as the rest of the sidecar sees it. On the session's loop alone.
protocol SessionRunning: AnyObject {
    func take(_ notice: SessionNotice)
    /// Sends the session's upstream word that nobody waits for what runs there.
    func cancelStatement()
    /// Ends it without ceremony.
    func abort()
}

/// A session as other threads see it.
struct SessionHandle: Sendable {
    private let session: LoopBound<any SessionRunning>

    init(_ session: any SessionRunning, on loop: any SessionLoop) {
        self.session = LoopBound(session, on: loop)
    }

    func deliver(_ notice: SessionNotice) {
        session.run { $0.take(notice) }
    }

    func cancelStatement() {
        session.run { $0.cancelStatement() }
    }

    func close() {
        session.run { $0.abort() }
    }
}

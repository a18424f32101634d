package import Records

/// Records one session: its chain, and the spool that the chain goes to.
///
/// An event whose record the spool does not take leaves no gap: the chain goes on only with what is safe.
package struct SessionRecorder: Sendable {
    private let spool: Spool
    private let signer: SessionSigner
    private var chain: SessionChain
    private let session: SpoolState.OpenSession

    /// Starts a session's chain. The first event is `SessionOpened`; that of the sidecar's own chain is a
    /// `SidecarEvent`.
    package init(sessionID: RecordID, spool: Spool, signer: SessionSigner) {
        self.init(resuming: ChainState(sessionID: sessionID), spool: spool, signer: signer)
    }

    /// Goes on with a chain that another process left open.
    package init(resuming state: ChainState, spool: Spool, signer: SessionSigner) {
        self.spool = spool
        self.signer = signer
        chain = SessionChain(resuming: state)
        session = SpoolState.OpenSession(state: state, segment: 0)
    }

    package var sessionID: RecordID { chain.sessionID }
    package var isClosed: Bool { chain.isClosed }
    /// Whether nothing has been recorded yet: there is nothing to close then.
    package var isEmpty: Bool { chain.isEmpty }

    /// Records an event. From the return on, it is safe from the end of this process.
    ///
    /// - Parameters:
    ///   - event: Not `SessionClosed`: see ``close(reason:statements:rows:id:at:)``.
    ///   - id: What a client is told, when it is told of this record.
    ///   - time: Microseconds since 1970.
    ///   - reserved: Whether the spool's reserve may be used: for the sidecar's own events.
    /// - Throws: ``SpoolError``; what the event tells of must then not be released.
    package mutating func record(
        _ event: PBRecord.OneOf_Event, id: RecordID? = nil, at time: Int64, reserved: Bool = false
    ) throws(SpoolError) {
        let kind: RecordEnvelope.Event
        let message: [UInt8]
        do throws(RecordError) { (kind, message) = try event.encoded } catch { throw SpoolError(error) }
        try record(kind, message: message.span, id: id, at: time, reserved: reserved)
    }

    /// Records an event whose message is encoded already: written once, into the spool's own memory.
    package mutating func record(
        _ event: RecordEnvelope.Event, message: Span<UInt8>, id: RecordID? = nil, at time: Int64,
        reserved: Bool = false
    ) throws(SpoolError) {
        try message.withUnsafeBytes { message throws(SpoolError) in
            try spool.append(
                event, message: message, to: &chain, of: session, id: id, at: time, reserved: reserved)
        }
    }

    /// Records the signed close, for which a full spool has its reserve.
    package mutating func close(
        reason: String, statements: UInt64, rows: UInt64, id: RecordID? = nil, at time: Int64
    ) throws(SpoolError) {
        var next = chain
        let record: SealedRecord
        do throws(RecordError) {
            record = try next.close(
                reason: reason, statements: statements, rows: rows, id: id, time: time, signer: signer)
        } catch { throw SpoolError(error) }
        try spool.append(record, reserved: true)
        chain = next
    }
}

extension Spool {
    /// The reason of a close that a restarted sidecar writes for a session that its predecessor left open. How many
    /// statements and rows the session had is not known then, and given as 0.
    package static let restartedReason = "sidecar restarted"

    /// Closes sessions that a former process left open.
    ///
    /// - Parameters:
    ///   - sessions: ``SpoolRecovery/openSessions``.
    ///   - time: Microseconds since 1970.
    /// - Throws: ``SpoolError`` at the first that cannot be closed; those before are.
    package func closeSessions(
        _ sessions: [ChainState], reason: String = Spool.restartedReason, signer: SessionSigner, at time: Int64
    ) throws(SpoolError) {
        for session in sessions {
            var recorder = SessionRecorder(resuming: session, spool: self, signer: signer)
            try recorder.close(reason: reason, statements: 0, rows: 0, at: time)
        }
    }
}

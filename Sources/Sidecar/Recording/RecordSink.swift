package import Records

/// Where evidence goes: a chain a session, in a spool that outlives the process.
package protocol RecordSink: Sendable {
    /// Begins the chain of a session (or of the sidecar's own events).
    ///
    /// - Parameter sessionID: 16 bytes, a UUIDv7.
    func openChain(sessionID: [UInt8]) -> any RecordChain
}

/// One session's chain. Called from the session's event loop alone, and quick: it writes to mapped memory.
package protocol RecordChain: AnyObject {
    /// Chains, encodes and spools one record: when it returns, the record survives this process.
    ///
    /// `SessionClosed` is signed on the way.
    ///
    /// - Parameters:
    ///   - id: A UUIDv7 that a client was told; `nil` when nobody was told one.
    ///   - timeUnixMicroseconds: the moment of the event.
    /// - Throws: ``RecordRefusal`` when the spool is full or broken; the chain is as before, and the next may succeed.
    func append(_ event: PBRecord.OneOf_Event, id: RecordID?, timeUnixMicroseconds: Int64) throws(RecordRefusal)

    /// The same for an event whose message is encoded already; never `SessionClosed`.
    func append(
        _ event: RecordEnvelope.Event, message: Span<UInt8>, id: RecordID?, timeUnixMicroseconds: Int64
    ) throws(RecordRefusal)
}

/// Why a record could not be spooled.
package struct RecordRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        /// The limit in bytes is reached: the collector must take records first.
        case full
        /// The disk failed.
        case failed
    }

    package var reason: Reason
    /// For the operator, one line, with the place and the mend.
    package var message: String

    package init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    package var description: String { message }
}

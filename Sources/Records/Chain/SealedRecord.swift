/// A record in its final form: bytes that nobody encodes again, and their hash.
public struct SealedRecord: Hashable, Sendable {
    public let sessionID: RecordID
    public let sequence: UInt64
    /// The record id that clients see.
    public let id: RecordID
    /// Microseconds since 1970.
    public let time: Int64
    /// The encoded `Record`, as hashed, spooled, sent and stored.
    public let bytes: [UInt8]
    public let hash: RecordHash
    /// Whether this is the session's `SessionClosed`.
    public let closes: Bool

    init(
        sessionID: RecordID, sequence: UInt64, id: RecordID, time: Int64, bytes: [UInt8], hash: RecordHash, closes: Bool
    ) {
        self.sessionID = sessionID
        self.sequence = sequence
        self.id = id
        self.time = time
        self.bytes = bytes
        self.hash = hash
        self.closes = closes
    }

    /// Takes bytes that were sealed before, by this process or another.
    ///
    /// - Throws: ``RecordError/Code/malformed`` when they are no record.
    public init(bytes: [UInt8]) throws(RecordError) {
        let envelope = try RecordEnvelope(of: bytes)
        self.init(
            sessionID: envelope.sessionID, sequence: envelope.sequence, id: envelope.id, time: envelope.time,
            bytes: bytes, hash: RecordHash(of: bytes), closes: envelope.event == .sessionClosed)
    }
}

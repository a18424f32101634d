/// How far a session's chain has come: all that it takes to go on with it.
public struct ChainState: Hashable, Sendable {
    public var sessionID: RecordID
    /// The sequence number that comes next; also the number of records so far.
    public var nextSequence: UInt64
    /// The hash of the last record; zero before the first.
    public var previous: RecordHash
    /// The time of the last record, microseconds since 1970; 0 before the first.
    public var lastTime: Int64

    /// The state of a session that has no record yet.
    public init(sessionID: RecordID) {
        self.init(sessionID: sessionID, nextSequence: 0, previous: .zero, lastTime: 0)
    }

    public init(sessionID: RecordID, nextSequence: UInt64, previous: RecordHash, lastTime: Int64) {
        self.sessionID = sessionID
        self.nextSequence = nextSequence
        self.previous = previous
        self.lastTime = lastTime
    }

    /// The state after a record.
    public init(after record: SealedRecord) {
        self.init(
            sessionID: record.sessionID, nextSequence: record.sequence &+ 1, previous: record.hash,
            lastTime: record.time)
    }
}

extension ChainState {
    /// The number of bytes of ``encoded``.
    public static let encodedByteCount = 64

    /// The state as a spool keeps it: session id, next sequence, previous hash, time, numbers in little-endian order.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.encodedByteCount)
        bytes += sessionID.bytes
        LittleEndian.append(nextSequence, to: &bytes)
        bytes += previous.bytes
        LittleEndian.append(UInt64(bitPattern: lastTime), to: &bytes)
        return bytes
    }

    /// - Returns: `nil` unless there are ``encodedByteCount`` bytes.
    public init?(encoded bytes: some RandomAccessCollection<UInt8>) {
        guard bytes.count == Self.encodedByteCount else { return nil }
        let all = Array(bytes)
        guard let sessionID = RecordID(bytes: all[0..<16]), let previous = RecordHash(bytes: all[24..<56]) else {
            return nil
        }
        self.init(
            sessionID: sessionID, nextSequence: LittleEndian.uint64(all, at: 16), previous: previous,
            lastTime: Int64(bitPattern: LittleEndian.uint64(all, at: 56)))
    }
}

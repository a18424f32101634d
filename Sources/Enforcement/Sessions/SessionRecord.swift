public import Records

/// A record that waits for its place in the chain and the spool.
public struct SessionRecord: Sendable {
    public enum Event: Sendable {
        case message(PBRecord.OneOf_Event)
        /// What happens again and again comes encoded; its bytes are in ``SessionOutput/events``.
        case encoded(EventBuffer.Event, StatementTally)
    }

    /// A UUIDv7 that the client was told, so that the record must get it; `nil` when nobody was told one.
    public var id: RecordID?
    public var event: Event
}

/// What counters want to know of an encoded event.
public struct StatementTally: Hashable, Sendable {
    /// It tells that a statement was allowed.
    public var isJudged: Bool
    /// It tells that one has ended, after so many microseconds.
    public var durationMicroseconds: UInt64?
    public var maskedValues: UInt64 = 0
}

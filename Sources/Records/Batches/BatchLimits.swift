/// What a batch may measure, on both sides of the uplink.
public enum BatchLimits {
    /// The encoding that this version writes and reads: `encoding` in `RecordBatch`.
    public static let encoding: UInt32 = 1
    /// The greatest length of a batch before compression, and of the records that it is restored to: twice what a single
    /// record may have. Whatever a few compressed bytes claim to hold, a reader allocates no more.
    public static let maximumBytes = 2 * RecordLimits.maximumRecordBytes
    /// The most records of a batch. Small records are restored to several times their length; with ``maximumBytes`` this
    /// bounds the memory that goes into keeping them apart.
    public static let maximumRecords = 16_384
    /// The most sessions that a connection's two ends keep in mind. A sidecar has fewer open at a time; what its agents
    /// opened and closed goes with the table, which is then begun anew.
    static let maximumSessions = 4_096
    /// How much of the batches before a batch may refer to: a few dozen statements, so that what an agent does again and
    /// again costs little though it does so once in a while.
    static let historyBytes = 32 << 10
    /// The least that a record's entry takes: flags, length, content.
    static let minimumEntryBytes = 3
}

package import Records

/// How full the spool is: for metrics, heartbeats and readiness.
package struct SpoolStatistics: Hashable, Sendable {
    /// The bytes of all segment files.
    package var bytes: Int
    /// The configured bound.
    package var maximumBytes: Int
    /// The bytes of records that are not acknowledged, with what frames them; 0 when all are.
    package var pendingBytes: Int
    /// Records that are not acknowledged.
    package var records: UInt64
    /// When the oldest segment's first record was made, microseconds since 1970; `nil` when all is acknowledged.
    package var oldest: Int64?
    package var segments: Int
    /// Sessions without a close, as far as the spool saw.
    package var openSessions: Int
    /// Records that were refused because the spool was full.
    package var refused: UInt64
    /// Damaged places that were passed over since the spool was opened.
    package var damages: UInt64
    /// Whether the last record was refused because the spool was full.
    package var isFull: Bool
    /// Why the spool takes no more records at all, when it does not.
    package var failure: SpoolError?
}

/// What was found when a spool was opened.
package struct SpoolRecovery: Sendable {
    /// Damage in a segment, passed over.
    package struct Damage: Hashable, Sendable, CustomStringConvertible {
        package var segment: String
        package var offset: Int
        package var byteCount: Int

        package var description: String { "\(byteCount) bytes at offset \(offset) of \(segment)" }
    }

    package var segments = 0
    /// Records that wait for acknowledgement, some perhaps stored by the collector already.
    package var records: UInt64 = 0
    /// Damage with whole records behind it.
    package var damages: [Damage] = []
    /// What was being written when the last process died, cut off; such a record was never answered for.
    package var torn: [Damage] = []
    /// Segment files that could not be read at all, kept beside as `.damaged`.
    package var unreadable: [String] = []
    /// Sessions that the last process left without a close.
    package var openSessions: [ChainState] = []
}

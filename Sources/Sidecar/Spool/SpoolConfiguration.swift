import Records

/// Where a spool lives, and how much it may hold.
package struct SpoolConfiguration: Hashable, Sendable {
    /// The directory; made when it is missing, for this user alone. No other process may use it.
    package var directory: String
    /// The bound on the bytes of all segment files. Reached, records are refused until some are acknowledged.
    package var maximumBytes: Int
    /// The length of a segment file. Whole segments are forgotten at a time.
    package var segmentBytes: Int
    /// How much of the bound, and of each segment, is kept for records that must still be written when the spool is
    /// full: the closes of open sessions, and the sidecar's own events. A close takes some 300 bytes.
    package var reserveBytes: Int
    /// How often what was appended is forced to the disk. A record survives the end of the process from the moment it
    /// is appended; a power failure can take what was appended within this time.
    package var commitInterval: Duration

    package init(
        directory: String, maximumBytes: Int = 256 << 20, segmentBytes: Int = 4 << 20, reserveBytes: Int = 256 << 10,
        commitInterval: Duration = .milliseconds(50)
    ) {
        self.directory = directory
        self.maximumBytes = maximumBytes
        self.segmentBytes = segmentBytes
        self.reserveBytes = reserveBytes
        self.commitInterval = commitInterval
    }

    /// The longest record that fits.
    package var maximumRecordBytes: Int {
        min(
            RecordLimits.maximumRecordBytes,
            segmentBytes - reserveBytes - SegmentHeader.byteCount - SegmentFrame.headByteCount - SegmentFrame.alignment)
    }

    func validate() throws(SpoolError) {
        guard !directory.isEmpty else { throw SpoolError(.configuration, "spool: no directory is given") }
        guard reserveBytes >= 0, maximumRecordBytes >= 512 else {
            throw SpoolError(
                .configuration,
                "spool: a segment of \(segmentBytes) bytes leaves no room beside a reserve of \(reserveBytes) bytes")
        }
        guard maximumBytes >= 2 * segmentBytes + reserveBytes else {
            throw SpoolError(
                .configuration,
                """
                spool: the bound of \(maximumBytes) bytes is too small: two segments of \(segmentBytes) bytes and the \
                reserve of \(reserveBytes) bytes are the least
                """)
        }
    }
}

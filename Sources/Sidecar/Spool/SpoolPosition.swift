/// A place between two records of the spool.
package struct SpoolPosition: Hashable, Comparable, Sendable {
    /// The number of the segment.
    var segment: UInt64
    /// The offset in its file.
    var offset: Int
    /// How many records lie before, counted since the spool was opened.
    var ordinal: UInt64

    package static func < (left: Self, right: Self) -> Bool {
        (left.segment, left.offset) < (right.segment, right.offset)
    }

    package static func == (left: Self, right: Self) -> Bool {
        (left.segment, left.offset) == (right.segment, right.offset)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(segment)
        hasher.combine(offset)
    }
}

/// Records in the order that they were appended.
package struct SpoolBatch: Sendable {
    /// A piece of a segment, as it was read.
    package var content: [UInt8] = []
    /// Where in it the records lie, byte for byte as they were appended; empty at the end of the spool.
    package var ranges: [Range<Int>] = []
    /// The place behind the last: where to read on, and what to acknowledge once all are stored.
    package var next: SpoolPosition
    /// The bytes of the records.
    package var byteCount = 0
    /// Whether it ended for being full.
    package var isFull = false

    package init(next: SpoolPosition) { self.next = next }

    /// The records one by one.
    package var records: [[UInt8]] { ranges.map { Array(content[$0]) } }
}

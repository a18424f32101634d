/// Packs records for their way to the collector: leaves out what the other side can tell by itself, and compresses the rest
/// (docs/design/batches.md).
///
/// One value lives as long as a connection: what it sent before, the other side's ``BatchDecoder`` has in mind, too.
public struct BatchEncoder {
    private let compressor: ZstandardCompressor
    private var sessions = BatchSessions()
    private var payload: [UInt8] = []
    private var history: [UInt8] = []

    /// A batch on its way.
    public struct Batch: Hashable, Sendable {
        /// One Zstandard frame.
        public let content: [UInt8]
        /// How many bytes that is before compression.
        public let size: Int
    }

    /// The library's level 1: records are so much alike that more work gains little, and less loses much
    /// (Benchmarks, `record-bench`).
    public static let defaultLevel: Int32 = 1

    /// - Throws: ``RecordError/Code/compression`` when there is no memory.
    public init(level: Int32 = BatchEncoder.defaultLevel) throws(RecordError) {
        compressor = try ZstandardCompressor(level: level)
    }

    /// Packs records.
    ///
    /// - Parameters:
    ///   - bytes: What holds the records.
    ///   - ranges: Where each of them lies, in their order: at most ``BatchLimits/maximumRecords``, together at most
    ///     ``BatchLimits/maximumBytes`` less a quarter.
    /// - Throws: ``RecordError/Code/tooLarge``, ``RecordError/Code/compression``. The connection must then be made anew.
    public mutating func encode(_ bytes: [UInt8], _ ranges: [Range<Int>]) throws(RecordError) -> Batch {
        payload.removeAll(keepingCapacity: payload.capacity <= Self.keptCapacity)
        let startsAnew = sessions.count > BatchLimits.maximumSessions / 2
        if startsAnew { sessions = BatchSessions() }
        payload.append(startsAnew ? BatchFlags.startsAnew : 0)
        ProtobufFields.append(varint: UInt64(ranges.count), to: &payload)
        var state = State()
        for range in ranges { append(bytes, range, &state) }
        LittleEndian.append(state.check, to: &payload)
        guard payload.count <= BatchLimits.maximumBytes, ranges.count <= BatchLimits.maximumRecords else {
            throw RecordError(.tooLarge, "a batch of \(ranges.count) records and \(payload.count) bytes")
        }
        let content = try compressor.compress(payload, history: history)
        BatchHistory.append(payload, to: &history)
        return Batch(content: content, size: payload.count)
    }

    /// The buffer of a usual batch.
    private static let keptCapacity = 512 << 10

    private struct State {
        var session: Int?
        var time: Int64 = 0
        var check: UInt64 = 0
    }

    private mutating func append(_ bytes: [UInt8], _ range: Range<Int>, _ state: inout State) {
        guard let (header, event) = RecordHeader.parse(bytes, in: range), sessions.hasRoom(for: header.sessionID) else {
            // Not in the form that could be put together again: as it is.
            payload.append(BatchFlags.whole)
            ProtobufFields.append(varint: UInt64(range.count), to: &payload)
            payload.append(contentsOf: bytes[range])
            return
        }
        let (index, isNew) = sessions.index(of: header.sessionID)
        let follows = sessions.next(index) == header.sequence
        // The first record of a chain names zeros, and what names anything else is not restored from them.
        let isImplied = follows && (header.sequence > 0 || header.previous == .zero)
        var flags: UInt8 = 0
        if index != state.session { flags |= BatchFlags.otherSession }
        if !follows { flags |= BatchFlags.sequence }
        if !isImplied { flags |= BatchFlags.previous }
        if header.id != nil { flags |= BatchFlags.id }
        payload.append(flags)
        if index != state.session {
            ProtobufFields.append(varint: UInt64(index), to: &payload)
            if isNew { payload.append(contentsOf: header.sessionID.bytes) }
        }
        if !follows { ProtobufFields.append(varint: header.sequence, to: &payload) }
        if isImplied {
            state.check = BatchFlags.fold(state.check, header.previous)
        } else {
            payload.append(contentsOf: header.previous.bytes)
        }
        ProtobufFields.append(varint: ZigZag.encode(header.time &- state.time), to: &payload)
        if let id = header.id { payload.append(contentsOf: id.bytes) }
        ProtobufFields.append(varint: UInt64(event.count), to: &payload)
        payload.append(contentsOf: bytes[event])
        sessions.follow(index, by: header.sequence)
        state.session = index
        state.time = header.time
    }
}

/// What stands before an entry.
enum BatchFlags {
    /// Of a batch: what was said of sessions before is void.
    static let startsAnew: UInt8 = 1

    /// The record follows as it is: its length, its bytes.
    static let whole: UInt8 = 1
    /// The index of the session follows, and of a new one the id. Without: that of the entry before.
    static let otherSession: UInt8 = 2
    /// The sequence number follows. Without: the next one of the session.
    static let sequence: UInt8 = 4
    /// The hash of the record before follows. Without: that of the session's last record.
    static let previous: UInt8 = 8
    /// The record's id follows. Without: it has none.
    static let id: UInt8 = 16
    static let known: UInt8 = 31

    /// Takes a hash that was left out into the batch's check: whoever restores another finds out. Turned, because a highest bit stays
    /// one through a product: two of them, in two hashes, would undo each other.
    static func fold(_ check: UInt64, _ hash: RecordHash) -> UInt64 {
        var check = check
        let words = hash.words
        for index in words.indices {
            let product = (check ^ words[index]) &* 0x9E37_79B9_7F4A_7C15
            check = product &<< 31 | product &>> 33
        }
        return check
    }
}

/// Numbers of either sign as numbers without one (protobuf's sint64).
enum ZigZag {
    static func encode(_ value: Int64) -> UInt64 { UInt64(bitPattern: value &<< 1 ^ value &>> 63) }
    static func decode(_ value: UInt64) -> Int64 { Int64(bitPattern: value &>> 1) ^ -Int64(bitPattern: value & 1) }
}

/// The end of what was sent before.
enum BatchHistory {
    static func append(_ payload: [UInt8], to history: inout [UInt8]) {
        if payload.count >= BatchLimits.historyBytes {
            history.removeAll(keepingCapacity: true)
            history.append(contentsOf: payload[(payload.count - BatchLimits.historyBytes)...])
        } else {
            let surplus = history.count + payload.count - BatchLimits.historyBytes
            if surplus > 0 { history.removeFirst(surplus) }
            history.append(contentsOf: payload)
        }
    }
}

/// The sessions that a connection has told of, as its sender sees them.
struct BatchSessions {
    private var indices: [RecordID: Int] = [:]
    /// The sequence number that comes next.
    private var next: [UInt64] = []

    var count: Int { next.count }

    func hasRoom(for id: RecordID) -> Bool { count < BatchLimits.maximumSessions || indices[id] != nil }

    mutating func index(of id: RecordID) -> (index: Int, isNew: Bool) {
        if let known = indices[id] { return (known, false) }
        let index = next.count
        indices[id] = index
        next.append(0)
        return (index, true)
    }

    func next(_ index: Int) -> UInt64 { next[index] }

    mutating func follow(_ index: Int, by sequence: UInt64) { next[index] = sequence &+ 1 }
}

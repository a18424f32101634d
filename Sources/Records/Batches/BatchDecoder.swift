/// Restores records from batches, to the byte: the other side of ``BatchEncoder``.
///
/// The bytes come from a sidecar that may have been taken over: whatever they say, no more is allocated than
/// ``BatchLimits`` allows, and what does not add up is refused whole.
public struct BatchDecoder {
    private struct Session {
        var id: RecordID
        var next: UInt64 = 0
        var last = RecordHash.zero
    }

    private let decompressor: ZstandardDecompressor
    private var sessions: [Session] = []
    private var history: [UInt8] = []

    /// A record as it was hashed.
    public struct Restored: Hashable, Sendable {
        public let bytes: [UInt8]
        public let hash: RecordHash
    }

    /// - Throws: ``RecordError/Code/compression`` when there is no memory.
    public init() throws(RecordError) {
        decompressor = try ZstandardDecompressor()
    }

    /// Restores the records of the connection's next batch.
    ///
    /// - Parameters:
    ///   - content: One Zstandard frame.
    ///   - size: Its bytes before compression, as announced.
    /// - Throws: ``RecordError/Code/malformed``, ``RecordError/Code/tooLarge``, ``RecordError/Code/compression``. No batch of
    ///   this connection can be restored any more.
    public mutating func decode(_ content: [UInt8], size: Int) throws(RecordError) -> [Restored] {
        guard size <= BatchLimits.maximumBytes else {
            throw RecordError(.tooLarge, "a batch of \(size) bytes: the most is \(BatchLimits.maximumBytes)")
        }
        let payload = try decompressor.decompress(content, size: size, history: history)
        var reader = Reader(payload)
        let records = try restore(&reader)
        BatchHistory.append(payload, to: &history)
        return records
    }

    private mutating func restore(_ reader: inout Reader) throws(RecordError) -> [Restored] {
        let start = try reader.byte()
        guard start & ~BatchFlags.startsAnew == 0 else { throw Reader.malformed("a batch of an unknown form") }
        if start & BatchFlags.startsAnew != 0 { sessions.removeAll() }
        let count = try reader.varint()
        guard count <= UInt64(BatchLimits.maximumRecords),
            count <= UInt64(reader.remaining / BatchLimits.minimumEntryBytes)
        else { throw RecordError(.tooLarge, "a batch that announces \(count) records") }
        var state = State()
        var records: [Restored] = []
        records.reserveCapacity(Int(count))
        for _ in 0..<count {
            let record = try next(&reader, &state)
            state.restoredBytes += record.bytes.count
            guard state.restoredBytes <= BatchLimits.maximumBytes else {
                throw RecordError(.tooLarge, "a batch whose records pass \(BatchLimits.maximumBytes) bytes")
            }
            records.append(record)
        }
        guard try reader.fixed64() == state.check else {
            throw Reader.malformed("the hashes that were left out are others than those that were restored")
        }
        guard reader.remaining == 0 else { throw Reader.malformed("bytes behind the last record of a batch") }
        return records
    }

    private struct State {
        var session: Int?
        var time: Int64 = 0
        var check: UInt64 = 0
        var restoredBytes = 0
    }

    private mutating func next(_ reader: inout Reader, _ state: inout State) throws(RecordError) -> Restored {
        let flags = try reader.byte()
        guard flags & ~BatchFlags.known == 0 else { throw Reader.malformed("an entry of an unknown form") }
        if flags & BatchFlags.whole != 0 {
            let bytes = Array(try reader.bytes(try reader.varint()))
            return Restored(bytes: bytes, hash: RecordHash(of: bytes))
        }
        let index = flags & BatchFlags.otherSession != 0 ? try session(&reader) : state.session
        guard let index else { throw Reader.malformed("an entry of no session") }
        let session = sessions[index]
        let sequence = flags & BatchFlags.sequence != 0 ? try reader.varint() : session.next
        var previous = session.last
        if flags & BatchFlags.previous != 0 {
            guard let given = RecordHash(bytes: try reader.bytes(UInt64(RecordHash.byteCount))) else {
                throw Reader.malformed("no hash")
            }
            previous = given
        } else {
            state.check = BatchFlags.fold(state.check, previous)
        }
        let time = state.time &+ ZigZag.decode(try reader.varint())
        let id = flags & BatchFlags.id != 0 ? RecordID(bytes: try reader.bytes(UInt64(RecordID.byteCount))) : nil
        let event = try reader.bytes(try reader.varint())
        let header = RecordHeader(
            sessionID: session.id, sequence: sequence, previous: previous, time: time, id: id)
        let restored = Self.record(header, event)
        sessions[index].next = sequence &+ 1
        sessions[index].last = restored.hash
        state.session = index
        state.time = time
        return restored
    }

    private mutating func session(_ reader: inout Reader) throws(RecordError) -> Int {
        let index = try reader.varint()
        if index < UInt64(sessions.count) { return Int(index) }
        guard index == UInt64(sessions.count), sessions.count < BatchLimits.maximumSessions else {
            throw Reader.malformed("a session that nobody told of")
        }
        guard let id = RecordID(bytes: try reader.bytes(UInt64(RecordID.byteCount))) else {
            throw Reader.malformed("no session id")
        }
        sessions.append(Session(id: id))
        return Int(index)
    }

    private static func record(_ header: RecordHeader, _ event: ArraySlice<UInt8>) -> Restored {
        let count = header.byteCount + event.count
        var hash = RecordHash.zero
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let memory = UnsafeMutableRawBufferPointer(buffer)
            let offset = unsafe header.store(to: memory)
            unsafe UnsafeMutableRawBufferPointer(rebasing: memory[offset...]).copyBytes(from: event)
            hash = unsafe RecordHash(of: UnsafeRawBufferPointer(memory))
            initialized = count
        }
        return Restored(bytes: bytes, hash: hash)
    }
}

/// Reads a batch's payload, within its bounds.
private struct Reader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var remaining: Int { bytes.count - position }

    static func malformed(_ message: String) -> RecordError {
        RecordError(.malformed, "malformed batch: \(message)")
    }

    mutating func byte() throws(RecordError) -> UInt8 {
        guard position < bytes.count else { throw Self.malformed("it ends early") }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func varint() throws(RecordError) -> UInt64 {
        var result: UInt64 = 0
        for index in 0..<10 {
            let byte = try byte()
            guard index < 9 || byte <= 1 else { break }
            result |= UInt64(byte & 0x7F) << UInt64(7 * index)
            if byte & 0x80 == 0 { return result }
        }
        throw Self.malformed("a number does not fit in 64 bits")
    }

    mutating func bytes(_ count: UInt64) throws(RecordError) -> ArraySlice<UInt8> {
        guard count <= UInt64(remaining) else { throw Self.malformed("it ends early") }
        defer { position += Int(count) }
        return bytes[position..<position + Int(count)]
    }

    mutating func fixed64() throws(RecordError) -> UInt64 {
        let value = LittleEndian.uint64(Array(try bytes(8)), at: 0)
        return value
    }
}

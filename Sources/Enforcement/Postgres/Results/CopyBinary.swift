import WireBytes

/// COPY's binary format (PostgreSQL's documentation of COPY, "Binary Format"): a header, tuples of counted values, a trailer.
/// Bytes come in pieces of any size.
struct CopyBinaryReader {
    private static let signature = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00]
    /// Fields of the header that follow the signature: flags, and the length of an extension.
    private static let fixedHeader = signature.count + 8
    /// No server or client writes an extension; one is taken up to here.
    private static let longestExtension = 1 << 16
    /// One tuple with no end must not fill the memory.
    private static let longestTuple = 64 << 20

    private var pending: [UInt8] = []
    private var isPastHeader = false
    private(set) var isEnded = false

    /// Takes a piece and gives out each tuple that it completes.
    ///
    /// - Returns: the bytes that are no tuple's: header and trailer.
    @discardableResult
    mutating func take(
        _ data: ArraySlice<UInt8>, _ body: ([[UInt8]?]) throws(WireError) -> Void
    ) throws(WireError) -> (header: [UInt8], trailer: [UInt8]) {
        var around: (header: [UInt8], trailer: [UInt8]) = ([], [])
        pending.append(contentsOf: data)
        if !isPastHeader {
            guard let length = try headerLength() else { return around }
            around.header = Array(pending[..<length])
            pending.removeFirst(length)
            isPastHeader = true
        }
        var position = 0
        while !isEnded, let tuple = try tuple(at: position) {
            if let values = tuple.values { try body(values) } else { isEnded = true }
            if isEnded { around.trailer += pending[position..<tuple.end] }
            position = tuple.end
        }
        // The server says nothing behind the trailer, and drops what a client does.
        if isEnded { position = pending.count }
        pending.removeFirst(position)
        guard pending.count <= CopyBinaryReader.longestTuple else {
            throw WireError(
                .oversized, "a tuple of a binary COPY is longer than \(CopyBinaryReader.longestTuple) bytes")
        }
        return around
    }

    private func headerLength() throws(WireError) -> Int? {
        let known = min(pending.count, CopyBinaryReader.signature.count)
        guard pending[..<known].elementsEqual(CopyBinaryReader.signature[..<known]) else {
            throw WireError(.malformed, "a binary COPY begins with another signature")
        }
        guard pending.count >= CopyBinaryReader.fixedHeader else { return nil }
        let length = int32(CopyBinaryReader.fixedHeader - 4)
        guard (0...CopyBinaryReader.longestExtension).contains(length) else {
            throw WireError(.malformed, "a binary COPY's header has an extension of \(length) bytes")
        }
        let end = CopyBinaryReader.fixedHeader + length
        return pending.count >= end ? end : nil
    }

    /// - Returns: `nil` when not all of it is here; no values for the trailer.
    private func tuple(at start: Int) throws(WireError) -> (values: [[UInt8]?]?, end: Int)? {
        guard pending.count - start >= 2 else { return nil }
        let count = Int(Int16(truncatingIfNeeded: Int(pending[start]) << 8 | Int(pending[start + 1])))
        var position = start + 2
        if count == -1 { return (nil, position) }
        guard count >= 0 else { throw WireError(.malformed, "a tuple of \(count) columns in a binary COPY") }
        var values: [[UInt8]?] = []
        for _ in 0..<count {
            guard pending.count - position >= 4 else { return nil }
            let length = int32(position)
            position += 4
            if length == -1 {
                values.append(nil)
                continue
            }
            guard length >= 0 else { throw WireError(.malformed, "a value of \(length) bytes in a binary COPY") }
            guard pending.count - position >= length else { return nil }
            values.append(Array(pending[position..<(position + length)]))
            position += length
        }
        return (values, position)
    }

    private func int32(_ position: Int) -> Int {
        var value: UInt32 = 0
        for byte in pending[position..<(position + 4)] { value = value << 8 | UInt32(byte) }
        return Int(Int32(bitPattern: value))
    }
}

/// Writes tuples of a binary COPY.
enum CopyBinaryWriter {
    static func append(_ values: [[UInt8]?], to output: inout [UInt8]) {
        output.appendBigEndian(Int16(truncatingIfNeeded: values.count))
        for value in values {
            guard let value else {
                output.appendBigEndian(Int32(-1))
                continue
            }
            output.appendBigEndian(Int32(truncatingIfNeeded: value.count))
            output.append(contentsOf: value)
        }
    }
}

/// Walks the fields of one encoded protobuf message without decoding it (protobuf.dev/programming-guides/encoding).
///
/// A chain is checked over bytes as they were first encoded, so the few fields that a check needs are read in place.
/// Stricter than a decoder: a number that is not in its shortest form, a group, and whatever runs past the end are
/// faults, so that no two byte strings mean the same record.
struct ProtobufFields {
    enum Value: Equatable {
        case varint(UInt64)
        case fixed64
        case fixed32
        /// Where the bytes of the field lie.
        case bytes(Range<Int>)
    }

    struct Field: Equatable {
        var number: UInt64
        var value: Value
        /// The whole field, its tag included.
        var range: Range<Int>
    }

    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    init(_ bytes: [UInt8]) {
        self.init(bytes, in: 0..<bytes.count)
    }

    /// - Parameter range: Within the bounds of `bytes`: what lies outside is cut off.
    init(_ bytes: [UInt8], in range: Range<Int>) {
        self.bytes = bytes
        self.position = min(range.lowerBound, bytes.count)
        self.end = min(range.upperBound, bytes.count)
    }

    /// - Returns: `nil` at the end.
    mutating func next() throws(RecordError) -> Field? {
        guard position < end else { return nil }
        let start = position
        let tag = try varint()
        let value: Value
        switch tag & 7 {
        case 0: value = .varint(try varint())
        case 1:
            value = .fixed64
            try skip(8)
        case 2:
            let length = try varint()
            guard length <= UInt64(end - position) else { throw malformed("a field runs past the end") }
            value = .bytes(position..<position + Int(length))
            position += Int(length)
        case 5:
            value = .fixed32
            try skip(4)
        default: throw malformed("wire type \(tag & 7) is none that a record uses")
        }
        guard tag >> 3 != 0 else { throw malformed("field number 0") }
        return Field(number: tag >> 3, value: value, range: start..<position)
    }

    private mutating func skip(_ count: Int) throws(RecordError) {
        guard end - position >= count else { throw malformed("a field runs past the end") }
        position += count
    }

    private mutating func varint() throws(RecordError) -> UInt64 {
        var result: UInt64 = 0
        for index in 0..<10 {
            guard position < end else { throw malformed("a number runs past the end") }
            let byte = bytes[position]
            position += 1
            // The tenth byte has room for one bit.
            guard index < 9 || byte <= 1 else { throw malformed("a number does not fit in 64 bits") }
            result |= UInt64(byte & 0x7F) << UInt64(7 * index)
            if byte & 0x80 == 0 {
                guard byte != 0 || index == 0 else { throw malformed("a number is not in its shortest form") }
                return result
            }
        }
        throw malformed("a number does not fit in 64 bits")
    }

    private func malformed(_ message: String) -> RecordError {
        RecordError(.malformed, "malformed record at byte \(position): \(message)")
    }

    /// Appends a number in its shortest form.
    static func append(varint value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}

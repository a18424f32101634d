/// Appends protobuf fields as an encoder writes them (protobuf.dev/programming-guides/encoding): numbers in their shortest
/// form, nothing for a default value. What is written so is byte for byte what SwiftProtobuf would make of the same message.
enum ProtobufWriter {
    /// How many bytes a number takes.
    static func byteCount(varint value: UInt64) -> Int {
        (70 - (value | 1).leadingZeroBitCount) / 7
    }

    /// How many bytes a field of a number takes; none for 0.
    static func byteCount(field: UInt64, varint value: UInt64) -> Int {
        value == 0 ? 0 : byteCount(varint: field << 3) + byteCount(varint: value)
    }

    static func append(field: UInt64, varint value: UInt64, to bytes: inout [UInt8]) {
        guard value != 0 else { return }
        ProtobufFields.append(varint: field << 3, to: &bytes)
        ProtobufFields.append(varint: value, to: &bytes)
    }

    static func append(field: UInt64, fixed64 value: UInt64, to bytes: inout [UInt8]) {
        guard value != 0 else { return }
        ProtobufFields.append(varint: field << 3 | 1, to: &bytes)
        LittleEndian.append(value, to: &bytes)
    }

    /// The head of a field whose bytes follow.
    static func append(headOf field: UInt64, byteCount: Int, to bytes: inout [UInt8]) {
        ProtobufFields.append(varint: field << 3 | 2, to: &bytes)
        ProtobufFields.append(varint: UInt64(byteCount), to: &bytes)
    }

    /// A field of its own; nothing for no bytes.
    static func append(field: UInt64, bytes value: some Collection<UInt8>, to bytes: inout [UInt8]) {
        guard !value.isEmpty else { return }
        append(headOf: field, byteCount: value.count, to: &bytes)
        bytes.append(contentsOf: value)
    }

    static func append(field: UInt64, span: Span<UInt8>, to bytes: inout [UInt8]) {
        guard !span.isEmpty else { return }
        append(headOf: field, byteCount: span.count, to: &bytes)
        append(span, to: &bytes)
    }

    /// Fields that are encoded already.
    static func append(_ span: Span<UInt8>, to bytes: inout [UInt8]) {
        unsafe span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    static func append(field: UInt64, text: String, to bytes: inout [UInt8]) {
        append(field: field, bytes: text.utf8, to: &bytes)
    }

    /// A repeated field: its empty elements are there, too.
    static func append(field: UInt64, texts: [String], to bytes: inout [UInt8]) {
        for text in texts {
            append(headOf: field, byteCount: text.utf8.count, to: &bytes)
            bytes.append(contentsOf: text.utf8)
        }
    }

    /// Text of an origin that does not vouch for its being UTF-8, which a decoder insists on.
    static func append(field: UInt64, uncheckedText text: some Collection<UInt8>, to bytes: inout [UInt8]) {
        if text.allSatisfy({ $0 < 0x80 }) {
            append(field: field, bytes: text, to: &bytes)
        } else {
            append(field: field, text: String(decoding: text, as: UTF8.self), to: &bytes)
        }
    }
}

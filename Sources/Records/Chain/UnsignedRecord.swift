/// The bytes that a close's signature is over: the record without its signature field.
///
/// Cut out of the bytes as they are, never encoded anew: fields that this version does not know stay covered.
enum UnsignedRecord {
    /// - Parameters:
    ///   - record: The bytes of a record.
    ///   - envelope: Of the same record, whose event is a `SessionClosed`.
    /// - Throws: ``RecordError/Code/malformed`` when the event cannot be walked or has two signatures.
    static func bytes(of record: [UInt8], _ envelope: RecordEnvelope) throws(RecordError) -> [UInt8] {
        var inner: [UInt8] = []
        var signatures = 0
        var fields = ProtobufFields(record, in: envelope.eventRange)
        while let field = try fields.next() {
            if field.number == 4 {
                signatures += 1
            } else {
                inner += record[field.range]
            }
        }
        guard signatures <= 1 else { throw RecordError(.malformed, "malformed record: two signatures") }

        var result = Array(record[..<envelope.eventField.lowerBound])
        // The tag of field 22 (session_closed), a length-delimited field.
        ProtobufFields.append(varint: RecordEnvelope.Event.sessionClosed.field << 3 | 2, to: &result)
        ProtobufFields.append(varint: UInt64(inner.count), to: &result)
        result += inner
        result += record[envelope.eventField.upperBound...]
        return result
    }
}

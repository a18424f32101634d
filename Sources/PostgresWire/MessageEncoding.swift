import WireBytes

extension [UInt8] {
    /// Appends tag, length and what `body` writes.
    public mutating func appendFrontend(_ tag: FrontendTag, body: (inout [UInt8]) -> Void) {
        appendMessage(tag.rawValue, body: body)
    }

    public mutating func appendBackend(_ tag: BackendTag, body: (inout [UInt8]) -> Void) {
        appendMessage(tag.rawValue, body: body)
    }

    private mutating func appendMessage(_ tag: UInt8, body: (inout [UInt8]) -> Void) {
        append(tag)
        let length = count
        append(contentsOf: [0, 0, 0, 0])
        body(&self)
        replaceBigEndian(UInt32(truncatingIfNeeded: count - length), at: length)
    }

    /// A value with its length; `nil` is NULL.
    public mutating func appendValue(_ value: [UInt8]?) {
        guard let value else {
            appendBigEndian(Int32(-1))
            return
        }
        appendBigEndian(Int32(truncatingIfNeeded: value.count))
        append(contentsOf: value)
    }

    mutating func appendFormats(_ formats: [FormatCode]) {
        appendBigEndian(UInt16(truncatingIfNeeded: formats.count))
        for format in formats { appendBigEndian(format.rawValue) }
    }
}

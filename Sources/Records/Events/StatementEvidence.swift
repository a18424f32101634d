/// What a record says of a statement that is the same each time that it runs, encoded once.
///
/// A `StatementJudged` is these bytes around what varies: number, text (2–4), parameters, judgement (6–15), approval.
public struct StatementEvidence: Hashable, Sendable {
    /// The fields 2 to 4: text and fingerprint.
    public struct Text: Hashable, Sendable {
        let bytes: [UInt8]

        /// - Parameter text: Masked; empty when policy records no statements.
        public init(_ text: String, isTruncated: Bool, fingerprint: UInt64) {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(text.utf8.count + 16)
            ProtobufWriter.append(field: 2, text: text, to: &bytes)
            ProtobufWriter.append(field: 3, varint: isTruncated ? 1 : 0, to: &bytes)
            ProtobufWriter.append(field: 4, fixed64: fingerprint, to: &bytes)
            self.bytes = bytes
        }

        /// - Parameter utf8: What of it is not UTF-8 is replaced.
        public init(utf8 text: [UInt8], isTruncated: Bool, fingerprint: UInt64) {
            guard text.allSatisfy({ $0 < 0x80 }) else {
                self.init(
                    String(decoding: text, as: UTF8.self), isTruncated: isTruncated, fingerprint: fingerprint)
                return
            }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(text.count + 16)
            ProtobufWriter.append(field: 2, bytes: text, to: &bytes)
            ProtobufWriter.append(field: 3, varint: isTruncated ? 1 : 0, to: &bytes)
            ProtobufWriter.append(field: 4, fixed64: fingerprint, to: &bytes)
            self.init(bytes: bytes)
        }

        private init(bytes: [UInt8]) {
            self.bytes = bytes
        }
    }

    /// The fields 6 to 15: what the statement does, and what policy says of that. The same for all statements that differ
    /// in their literals alone.
    public struct Judgement: Hashable, Sendable {
        let bytes: [UInt8]

        public init(
            verbs: [String], objects: [String], columns: [String], classifications: [String], outcome: PBOutcome,
            rules: [String], message: String = "", observedRules: [String], policyDigest: [UInt8], features: [String]
        ) {
            var bytes: [UInt8] = []
            ProtobufWriter.append(field: 6, texts: verbs, to: &bytes)
            ProtobufWriter.append(field: 7, texts: objects, to: &bytes)
            ProtobufWriter.append(field: 8, texts: columns, to: &bytes)
            ProtobufWriter.append(field: 9, texts: classifications, to: &bytes)
            ProtobufWriter.append(field: 10, varint: UInt64(clamping: outcome.rawValue), to: &bytes)
            ProtobufWriter.append(field: 11, texts: rules, to: &bytes)
            ProtobufWriter.append(field: 12, text: message, to: &bytes)
            ProtobufWriter.append(field: 13, texts: observedRules, to: &bytes)
            ProtobufWriter.append(field: 14, bytes: policyDigest, to: &bytes)
            ProtobufWriter.append(field: 15, texts: features, to: &bytes)
            self.bytes = bytes
        }
    }

    let text: Text
    public let judgement: Judgement

    public init(_ text: Text, _ judgement: Judgement) {
        self.text = text
        self.judgement = judgement
    }
}

/// The parameters of one execution as a record shows them, masked: the field 5 of `StatementJudged`.
public struct RecordedParameters: Hashable, Sendable {
    private(set) var bytes: [UInt8] = []

    public init() {}

    public init(_ values: [String]) {
        ProtobufWriter.append(field: 5, texts: values, to: &bytes)
    }

    public var isEmpty: Bool { bytes.isEmpty }

    /// - Parameter capacity: A buffer that has grown larger is given back.
    public mutating func removeAll(keeping capacity: Int) {
        bytes.removeAll(keepingCapacity: bytes.capacity <= capacity)
    }

    /// The same without a copy.
    ///
    /// - Returns: Whether it was ASCII; else nothing was appended.
    public mutating func appendASCII(_ value: Span<UInt8>) -> Bool {
        for index in 0..<value.count where value[index] >= 0x80 { return false }
        ProtobufWriter.append(headOf: 5, byteCount: value.count, to: &bytes)
        unsafe value.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        return true
    }

    /// - Parameter value: Text; what of it is not UTF-8 is replaced.
    public mutating func append(_ value: some Collection<UInt8>) {
        if value.allSatisfy({ $0 < 0x80 }) {
            ProtobufWriter.append(headOf: 5, byteCount: value.count, to: &bytes)
            bytes.append(contentsOf: value)
        } else {
            ProtobufWriter.append(field: 5, texts: [String(decoding: value, as: UTF8.self)], to: &bytes)
        }
    }

    /// The parameters one by one, for whoever shows them to a person.
    public var values: [String] {
        var values: [String] = []
        var fields = ProtobufFields(bytes)
        while let field = try? fields.next() {
            if case .bytes(let range) = field.value { values.append(String(decoding: bytes[range], as: UTF8.self)) }
        }
        return values
    }
}

/// How a statement ended: a `StatementCompleted` without the statement's number.
public struct Completion: Sendable {
    /// What a mask was applied to.
    public struct Mask: Hashable, Sendable {
        public var column: [UInt8]
        public var classification: String
        public var mask: String
        public var values: UInt64
        public var detector: String

        public init(column: [UInt8], classification: String, mask: String, values: UInt64, detector: String = "") {
            self.column = column
            self.classification = classification
            self.mask = mask
            self.values = values
            self.detector = detector
        }
    }

    /// The server's command tag.
    public var tag: ArraySlice<UInt8> = []
    public var rows: UInt64 = 0
    public var bytes: UInt64 = 0
    public var masks: [Mask] = []
    public var sqlState = ""
    public var durationMicroseconds: UInt64 = 0
    public var response: [UInt8] = []
    public var isResponseTruncated = false
    public var isIncomplete = false
    /// Digests of texts of the database's that the client did not get.
    public var withheld: [[UInt8]] = []

    /// The budget that ended the result.
    public var budget = ""

    public init() {}

    func encode(statement: UInt64, scratch: inout [UInt8], into bytes: inout [UInt8]) {
        ProtobufWriter.append(field: 1, varint: statement, to: &bytes)
        ProtobufWriter.append(field: 2, uncheckedText: tag, to: &bytes)
        ProtobufWriter.append(field: 3, varint: rows, to: &bytes)
        ProtobufWriter.append(field: 4, varint: self.bytes, to: &bytes)
        for mask in masks {
            scratch.removeAll(keepingCapacity: true)
            mask.encode(into: &scratch)
            ProtobufWriter.append(headOf: 5, byteCount: scratch.count, to: &bytes)
            bytes.append(contentsOf: scratch)
        }
        ProtobufWriter.append(field: 6, text: sqlState, to: &bytes)
        ProtobufWriter.append(field: 7, varint: durationMicroseconds, to: &bytes)
        ProtobufWriter.append(field: 8, bytes: response, to: &bytes)
        ProtobufWriter.append(field: 9, varint: isResponseTruncated ? 1 : 0, to: &bytes)
        ProtobufWriter.append(field: 10, varint: isIncomplete ? 1 : 0, to: &bytes)
        for digest in withheld {
            ProtobufWriter.append(headOf: 11, byteCount: digest.count, to: &bytes)
            bytes.append(contentsOf: digest)
        }
        ProtobufWriter.append(field: 12, text: budget, to: &bytes)
    }
}

/// How a statement ended that nothing went wrong with: a ``Completion`` without what is rare, and without its texts.
public struct RunEnd: Sendable {
    public var rows: UInt64 = 0
    public var bytes: UInt64 = 0
    public var masks: [Completion.Mask] = []
    public var durationMicroseconds: UInt64 = 0
    public var isResponseTruncated = false

    public init() {}

    func encode(tag: Span<UInt8>, response: Span<UInt8>, scratch: inout [UInt8], into bytes: inout [UInt8]) {
        ProtobufWriter.append(field: 2, span: tag, to: &bytes)
        ProtobufWriter.append(field: 3, varint: rows, to: &bytes)
        ProtobufWriter.append(field: 4, varint: self.bytes, to: &bytes)
        for mask in masks {
            scratch.removeAll(keepingCapacity: true)
            mask.encode(into: &scratch)
            ProtobufWriter.append(headOf: 5, byteCount: scratch.count, to: &bytes)
            bytes.append(contentsOf: scratch)
        }
        ProtobufWriter.append(field: 7, varint: durationMicroseconds, to: &bytes)
        ProtobufWriter.append(field: 8, span: response, to: &bytes)
        ProtobufWriter.append(field: 9, varint: isResponseTruncated ? 1 : 0, to: &bytes)
    }
}

extension Completion.Mask {
    fileprivate func encode(into bytes: inout [UInt8]) {
        ProtobufWriter.append(field: 1, uncheckedText: column, to: &bytes)
        ProtobufWriter.append(field: 2, text: classification, to: &bytes)
        ProtobufWriter.append(field: 3, text: mask, to: &bytes)
        ProtobufWriter.append(field: 4, varint: values, to: &bytes)
        ProtobufWriter.append(field: 5, text: detector, to: &bytes)
    }
}

extension PBStatementRun {
    /// The end of the statement, with the number that a run's record says once.
    public var numberedCompletion: PBStatementCompleted {
        var result = completed
        result.statement = judged.statement
        return result
    }
}

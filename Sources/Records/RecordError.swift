/// Why a record was not made, or not understood.
public struct RecordError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of fault it is. Compare with the constants; new ones may be added.
    public struct Code: Hashable, Sendable {
        private enum Value { case malformed, tooLarge, closed, key, compression }
        private let value: Value

        /// The bytes are no record.
        public static let malformed = Code(value: .malformed)
        /// The record's bytes pass ``RecordLimits/maximumRecordBytes``.
        public static let tooLarge = Code(value: .tooLarge)
        /// The session has been closed: nothing follows a close.
        public static let closed = Code(value: .closed)
        /// A key cannot be read or used.
        public static let key = Code(value: .key)
        /// A batch cannot be compressed or decompressed.
        public static let compression = Code(value: .compression)
    }

    public let code: Code
    /// For a person, with the value and the place. Holds no key and no text of a record.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}

/// What a record may measure.
public enum RecordLimits {
    /// The greatest length of an encoded record: statements and responses are cut long before (a response at the
    /// policy's maximum), so this much is only met by a fault; and it fits, with its frame, into the smallest message
    /// that gRPC takes by default (4 MiB).
    public static let maximumRecordBytes = 2 << 20
}

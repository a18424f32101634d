/// Why bytes are no detector tables.
public struct DetectorTableError: Error, Hashable, Sendable, CustomStringConvertible {
    public var message: String
    /// Byte offset at which the fault was seen.
    public var offset: Int

    public init(_ message: String, at offset: Int) {
        self.message = message
        self.offset = offset
    }

    public var description: String { "detector tables: \(message) (byte \(offset))" }
}

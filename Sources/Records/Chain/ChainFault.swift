/// What is wrong with a session's chain, and where.
public struct ChainFault: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// The bytes are no record.
        case malformed(String)
        /// A record of another session.
        case otherSession(RecordID)
        /// Records are missing: the sequence numbers from the first to before the second.
        case gap(expected: UInt64, found: UInt64)
        /// The record follows from the one before, and yet has another number than the one that comes next.
        case misnumbered(expected: UInt64)
        /// A sequence number that was there before.
        case repeated
        /// The record does not name the hash of the one before: one of the two is not as it was written.
        case previousDiffers
        /// A chain that does not start with `SessionOpened`.
        case notOpened
        /// A record after the close.
        case afterClose
        /// The close has no signature.
        case unsigned
        /// The close is signed by a key that is not known.
        case unknownKey(RecordHash?)
        /// The close's signature does not fit its bytes.
        case badSignature
        /// The chain ends without a close.
        case notClosed
        /// The record is older than the one before, by so many microseconds. The clock was set, or the records were
        /// written elsewhere.
        case clockBackwards(microseconds: UInt64)
    }

    public var kind: Kind
    /// Which record, counted from 0 in the order that they were given; for ``Kind/notClosed``, how many there were.
    public var position: Int
    /// The record's sequence number, where it could be read; for ``Kind/notClosed``, the one that is missing.
    public var sequence: UInt64?

    public init(_ kind: Kind, position: Int, sequence: UInt64?) {
        self.kind = kind
        self.position = position
        self.sequence = sequence
    }

    /// Whether the chain is broken by it. A clock that was set back, and a session that may still be open, break
    /// nothing.
    public var breaksChain: Bool {
        switch kind {
        case .clockBackwards, .notClosed: false
        default: true
        }
    }

    public var description: String {
        let record = sequence.map { "record \($0)" } ?? "the record at position \(position)"
        switch kind {
        case .malformed(let reason): return "\(record): \(reason)"
        case .otherSession(let session): return "\(record) is of another session, \(session)"
        case .gap(let expected, let found):
            return found - expected == 1
                ? "record \(expected) is missing" : "records \(expected) to \(found - 1) are missing"
        case .misnumbered(let expected): return "\(record) stands where record \(expected) must be"
        case .repeated: return "\(record) is there again"
        case .previousDiffers:
            return "\(record) does not follow from the record before: one of the two was altered"
        case .notOpened: return "the chain starts with \(record), which opens no session"
        case .afterClose: return "\(record) comes after the close"
        case .unsigned: return "\(record) closes the session without a signature"
        case .unknownKey(let key):
            return "\(record) is signed by an unknown key\(key.map { " (\($0))" } ?? "")"
        case .badSignature: return "\(record) closes the session with a signature that does not fit"
        case .notClosed: return "the chain ends without a close before record \(sequence ?? 0)"
        case .clockBackwards(let microseconds):
            return "\(record) is \(microseconds) µs older than the record before"
        }
    }
}

import FoundationEssentials
import SwiftProtobuf

/// Checks a session's chain as its records come, and names every record that is not as it should be.
///
/// After a fault it goes on from the record that is there, so that one fault is one report. Its state is small and
/// can be kept: whoever stores records checks each against the state that the last left.
public struct ChainVerifier: Sendable {
    /// The keys that may have signed, by id.
    public typealias Keys = @Sendable (RecordHash) -> SessionVerificationKey?

    // The sidecar's own chain, of what happens to it between sessions, starts with an event of its own.
    private static let openingEvents: [RecordEnvelope.Event?] = [.sessionOpened, .sidecarEvent]

    private let keys: Keys
    private var state: ChainState?
    private var sessionID: RecordID?
    private var position = 0
    /// Whether a close was seen.
    public private(set) var isClosed = false
    /// Whether the close was signed by a known key, over bytes that are as they were, with the chain whole up to it.
    public private(set) var isSigned = false
    private var broken = false
    // A close that is not as it was signed may be another event that was altered: what follows is not held against it.
    private var isCloseDoubtful = false

    /// Starts with a chain's first record.
    ///
    /// - Parameters:
    ///   - sessionID: The session that is expected; `nil` to take that of the first record.
    ///   - keys: Finds a key by its id.
    public init(sessionID: RecordID? = nil, keys: @escaping Keys) {
        self.sessionID = sessionID
        self.keys = keys
    }

    /// Goes on where another verifier stopped.
    ///
    /// - Parameters:
    ///   - state: Of the records that were checked before.
    ///   - isClosed: Whether the close was among them.
    public init(resuming state: ChainState, isClosed: Bool, keys: @escaping Keys) {
        self.init(sessionID: state.sessionID, keys: keys)
        self.state = state
        self.isClosed = isClosed
    }

    /// How far the chain has come; `nil` before the first record.
    public var current: ChainState? { state }

    /// Checks the next record.
    ///
    /// - Parameter record: Its bytes, as they were stored.
    /// - Returns: What is wrong with it; empty when nothing is.
    public mutating func check(_ record: [UInt8]) -> [ChainFault] {
        let envelope: RecordEnvelope
        do {
            envelope = try RecordEnvelope(of: record)
        } catch {
            defer { position += 1 }
            broken = true
            isSigned = false
            return [ChainFault(.malformed(error.message), position: position, sequence: nil)]
        }
        return check(record, envelope, RecordHash(of: record))
    }

    /// Checks the next record, whose envelope and hash are known.
    package mutating func check(_ record: [UInt8], _ envelope: RecordEnvelope, _ hash: RecordHash) -> [ChainFault] {
        defer { position += 1 }
        let kinds = faultKinds(record, envelope, hash)
        if kinds.isEmpty { return [] }
        let faults = kinds.map { ChainFault($0, position: position, sequence: envelope.sequence) }
        if faults.contains(where: \.breaksChain) {
            broken = true
            isSigned = false
        }
        return faults
    }

    /// Ends the check.
    ///
    /// - Returns: That the chain has no close, when it has none.
    public func finish() -> [ChainFault] {
        isClosed ? [] : [ChainFault(.notClosed, position: position, sequence: state?.nextSequence ?? 0)]
    }

    private mutating func faultKinds(
        _ record: [UInt8], _ envelope: RecordEnvelope, _ hash: RecordHash
    ) -> [ChainFault.Kind] {
        if let sessionID, sessionID != envelope.sessionID { return [.otherSession(envelope.sessionID)] }
        sessionID = envelope.sessionID

        var kinds: [ChainFault.Kind] = []
        let expected = state ?? ChainState(sessionID: envelope.sessionID)
        var sequence = envelope.sequence
        if sequence != expected.nextSequence {
            // A record that names the hash of the one before is the next one, whatever its number says.
            if state != nil, envelope.previous == expected.previous {
                kinds.append(.misnumbered(expected: expected.nextSequence))
                sequence = expected.nextSequence
            } else if sequence < expected.nextSequence {
                return [.repeated]
            } else {
                kinds.append(.gap(expected: expected.nextSequence, found: sequence))
            }
        } else if envelope.previous != expected.previous {
            kinds.append(.previousDiffers)
        }
        if isClosed, !isCloseDoubtful { kinds.append(.afterClose) }
        if sequence == 0, !Self.openingEvents.contains(envelope.event) { kinds.append(.notOpened) }
        if state != nil, envelope.time < expected.lastTime {
            // Both come from bytes that nobody vouched for: the difference may not fit.
            kinds.append(.clockBackwards(microseconds: expected.lastTime.distanceUpwards(from: envelope.time)))
        }
        if envelope.event == .sessionClosed {
            isClosed = true
            if let kind = signatureFault(of: record, envelope) {
                kinds.append(kind)
                isCloseDoubtful = true
            } else {
                isSigned = !broken
            }
        }
        state = ChainState(
            sessionID: envelope.sessionID, nextSequence: sequence &+ 1,
            previous: hash, lastTime: envelope.time)
        return kinds
    }

    private func signatureFault(of record: [UInt8], _ envelope: RecordEnvelope) -> ChainFault.Kind? {
        let close: PBSessionClosed
        let unsigned: [UInt8]
        do {
            close = try PBSessionClosed(serializedBytes: Array(record[envelope.eventRange]))
            unsigned = try UnsignedRecord.bytes(of: record, envelope)
        } catch {
            return .malformed("the close cannot be read: \(error)")
        }
        guard !close.signature.isEmpty else { return .unsigned }
        let keyID = RecordHash(bytes: close.keyID)
        guard let keyID, let key = keys(keyID) else { return .unknownKey(keyID) }
        guard close.algorithm == key.algorithm.rawValue, key.isValid(Array(close.signature), over: unsigned) else {
            return .badSignature
        }
        return nil
    }
}

extension Int64 {
    /// `self` − `lower` for a `lower` that is not greater, which needs the range of `UInt64`.
    fileprivate func distanceUpwards(from lower: Int64) -> UInt64 {
        UInt64(bitPattern: self &- lower)
    }
}

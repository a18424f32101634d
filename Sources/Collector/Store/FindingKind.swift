import Records

/// What can be wrong with evidence. The raw value is what the API shows.
public enum FindingKind: String, Sendable, Codable, CaseIterable {
    /// Records are missing before one that is here.
    case gap
    /// Two records with the same session and sequence number differ. The first that came is the one kept.
    case fork
    /// A record does not name the digest of the one before it.
    case brokenLink = "broken-link"
    /// A chain that does not start with the opening of a session.
    case notOpened = "not-opened"
    /// The close's signature does not match its bytes and key.
    case badSignature = "bad-signature"
    /// The close carries no signature.
    case unsigned
    /// The close is signed with a key that its sidecar never connected with.
    case unknownKey = "unknown-key"
    /// A record follows the close.
    case afterClose = "after-close"
    /// The session was left without a close: its end may be missing.
    case missingClose = "missing-close"
    /// The sidecar's clock went back within a session.
    case clockBackwards = "clock-backwards"
    /// Bytes that are no record.
    case malformed
    /// A record of a session that belongs to another sidecar.
    case foreign
    /// Two records carry the same id.
    case duplicateID = "duplicate-id"
    /// A record says that an approval let a statement pass which nobody approved here.
    case unapproved
    /// An approval was asked again with other content.
    case approvalConflict = "approval-conflict"
}

/// Something wrong with the evidence that came in.
struct Finding: Sendable {
    var kind: FindingKind
    var sessionID: [UInt8]
    var sequence: Int64
    /// What tells it from another of the same kind and place: the digest of the offending bytes, or nothing.
    var digest: [UInt8]
    var detail: String
    /// The offending bytes, where they are not stored as a record.
    var raw: [UInt8]?
}

extension FindingKind {
    /// What a fault of a chain is called among findings; nil for what is no fault while records still come.
    init?(_ fault: ChainFault.Kind) {
        switch fault {
        case .malformed, .otherSession: self = .malformed
        case .gap: self = .gap
        case .misnumbered, .previousDiffers: self = .brokenLink
        case .repeated: self = .fork
        case .notOpened: self = .notOpened
        case .afterClose: self = .afterClose
        case .unsigned: self = .unsigned
        case .unknownKey: self = .unknownKey
        case .badSignature: self = .badSignature
        case .clockBackwards(let microseconds):
            // A clock that is disciplined by NTP is stepped by less.
            guard microseconds > 1_000_000 else { return nil }
            self = .clockBackwards
        case .notClosed: return nil
        }
    }
}

extension SignatureStatus {
    /// What the check of a close says of its signature.
    init(faults: [ChainFault]) {
        for fault in faults {
            switch fault.kind {
            case .unsigned: self = .unsigned
            case .unknownKey: self = .unknownKey
            case .badSignature, .malformed: self = .bad
            default: continue
            }
            return
        }
        self = .verified
    }
}

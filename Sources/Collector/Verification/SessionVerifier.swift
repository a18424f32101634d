import Crypto
import Foundation
import Records
import SwiftASN1
import SwiftProtobuf
import X509

/// Checks a session from its bytes alone: the links of its chain, its numbering, and the signature that closes it.
///
/// It trusts nothing that was derived: digests are computed, and what the store or an export says beside the bytes is
/// not looked at.
public struct SessionVerifier {
    private let sessionID: [UInt8]
    private let keys: [[UInt8]: [UInt8]]
    private var head = [UInt8](repeating: 0, count: 32)
    private var next: UInt64 = 0
    private var count: Int64 = 0
    private var closed = false
    private var signature: SignatureStatus?
    private var problems: [String] = []

    /// No more problems are listed; that there are more is said.
    private static let maximumProblems = 100

    /// The key that signed the close, by its id; nil until then.
    public private(set) var signingKeyID: [UInt8]?
    /// When the session was closed, by the sidecar's clock.
    public private(set) var closeTime: Timestamp?

    /// - Parameter certificates: those that the session's sidecar connected with, DER.
    public init(sessionID: [UInt8], certificates: [[UInt8]]) {
        self.sessionID = sessionID
        var keys: [[UInt8]: [UInt8]] = [:]
        for der in certificates {
            guard let certificate = try? Certificate(derEncoded: der),
                let identity = try? SidecarIdentity(certificate)
            else { continue }
            keys[identity.keyID] = identity.publicKey
        }
        self.keys = keys
    }

    /// Takes the next record's bytes.
    public mutating func add(_ raw: [UInt8]) {
        let hash = Array(SHA256.hash(data: raw))
        defer { count += 1 }
        guard let record = try? PBRecord(serializedBytes: raw) else {
            note("the record after \(next == 0 ? "none" : "number \(next - 1)") cannot be read")
            head = hash
            return
        }
        if !record.sessionID.elementsEqual(sessionID) {
            note("record \(record.sequence) is of session \(Identifiers.uuid(record.sessionID))")
        }
        if record.sequence > next {
            let missing = record.sequence - next
            note(missing == 1 ? "record \(next) is missing" : "records \(next) to \(record.sequence - 1) are missing")
        } else if record.sequence < next {
            note("record \(record.sequence) comes after record \(next - 1)")
        } else if !record.previous.elementsEqual(head) {
            note(
                "record \(record.sequence) names \(Identifiers.hex(record.previous)) as the one before it, whose digest "
                    + "is \(Identifiers.hex(head))")
        }
        if closed { note("record \(record.sequence) follows the session's close") }
        if case .sessionClosed(let close) = record.event { verify(record, close) }
        head = hash
        next = record.sequence == .max ? .max : record.sequence + 1
    }

    private mutating func verify(_ record: PBRecord, _ close: PBSessionClosed) {
        closed = true
        closeTime = Timestamp(microseconds: record.timeUnixUs)
        guard !close.signature.isEmpty else {
            signature = .unsigned
            note("the close carries no signature")
            return
        }
        signingKeyID = [UInt8](close.keyID)
        guard let key = keys[[UInt8](close.keyID)] else {
            signature = .unknownKey
            note("the close is signed with key \(Identifiers.hex(close.keyID)), whose certificate is not at hand")
            return
        }
        guard CloseSignature.isValid(record, publicKey: key) else {
            signature = .bad
            note("the close's signature does not match its bytes")
            return
        }
        signature = .verified
    }

    /// Writes down a problem that the caller saw.
    public mutating func note(_ problem: String) {
        if problems.count < Self.maximumProblems {
            problems.append(problem)
        } else if problems.count == Self.maximumProblems {
            problems.append("there are more problems")
        }
    }

    /// The result. A session without a close is not verified: what followed may have been cut off.
    ///
    /// - Parameter findings: what was found when the records arrived.
    public func finish(findings: [String] = []) -> VerificationView {
        var all = problems
        if count == 0 { all.append("there are no records") }
        if count > 0, !closed { all.append("the session has no close yet; its end cannot be vouched for") }
        for finding in findings where !all.contains(finding) { all.append(finding) }
        return VerificationView(
            sessionId: Identifiers.uuid(sessionID), verified: all.isEmpty && signature == .verified, records: count,
            closed: closed, signature: signature, head: Identifiers.hex(head), problems: all)
    }
}

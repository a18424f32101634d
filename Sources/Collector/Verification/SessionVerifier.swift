public import Records
import SwiftASN1
import SwiftProtobuf
import X509

/// Checks a session from its bytes alone: the links of its chain, its numbering, and the signature that closes it.
///
/// It trusts nothing that was derived: digests are computed, and what the store or an export says beside the bytes is
/// not looked at.
public struct SessionVerifier {
    private let sessionID: [UInt8]
    private var chain: ChainVerifier
    private var count: Int64 = 0
    private var signature: SignatureStatus?
    private var problems: [String] = []

    /// No more problems are listed; that there are more is said.
    private static let maximumProblems = 100

    /// The key that the close names as its signer's; nil until there is a close.
    public private(set) var signingKeyID: RecordHash?
    /// When the session was closed, by the sidecar's clock.
    public private(set) var closeTime: Timestamp?

    /// - Parameter keys: those that the session's sidecar connected with.
    public init(sessionID: [UInt8], keys: [RecordHash: SessionVerificationKey]) {
        self.sessionID = sessionID
        chain = ChainVerifier(sessionID: RecordID(bytes: sessionID)) { keys[$0] }
    }

    /// Takes the next record's bytes.
    public mutating func add(_ raw: [UInt8]) {
        count += 1
        let wasClosed = chain.isClosed
        let faults = chain.check(raw)
        for fault in faults where FindingKind(fault.kind) != nil { note(fault.description) }
        guard !wasClosed, chain.isClosed, let record = try? PBRecord(serializedBytes: raw),
            case .sessionClosed(let close) = record.event
        else { return }
        signature = SignatureStatus(faults: faults)
        signingKeyID = RecordHash(bytes: close.keyID)
        closeTime = Timestamp(microseconds: record.timeUnixUs)
    }

    /// Writes down a problem that the caller saw.
    public mutating func note(_ problem: String) {
        if problems.count < Self.maximumProblems {
            problems.append(problem)
        } else if problems.count == Self.maximumProblems {
            problems.append("there are more problems")
        }
    }

    /// The result.
    ///
    /// - Parameter findings: what was found when the records arrived.
    public func finish(findings: [String] = []) -> VerificationView {
        var all = problems
        if count == 0 { all.append("there are no records") }
        for finding in findings where !all.contains(finding) { all.append(finding) }
        return VerificationView(
            sessionId: Identifiers.uuid(sessionID), intact: all.isEmpty,
            verified: all.isEmpty && chain.isSigned && signature == .verified, records: count, closed: chain.isClosed,
            signature: signature, head: chain.current.map { Identifiers.hex($0.previous.bytes) } ?? "", problems: all)
    }
}

extension SessionVerifier {
    /// The keys of certificates (DER), by their ids; what is no certificate, or of another kind of key, is left out.
    public static func keys(ofCertificates certificates: [[UInt8]]) -> [RecordHash: SessionVerificationKey] {
        var keys: [RecordHash: SessionVerificationKey] = [:]
        for der in certificates {
            guard let certificate = try? Certificate(derEncoded: der),
                let info = certificate.publicKey.encodedInfo,
                let key = try? SessionVerificationKey(subjectPublicKeyInfo: info)
            else { continue }
            keys[key.id] = key
        }
        return keys
    }
}

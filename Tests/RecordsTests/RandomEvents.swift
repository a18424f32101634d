import Crypto
import FoundationEssentials
import Records
import TestKit

/// Sessions of random events.
struct RandomSession {
    var generator: SeededGenerator
    let id: RecordID
    let signer: SessionSigner
    var time: Int64 = 1_700_000_000_000_000

    init(seed: UInt64, signer: SessionSigner = SessionSigner(p256: P256.Signing.PrivateKey())) {
        generator = SeededGenerator(seed: seed)
        id = RecordID(at: time, using: &generator)
        self.signer = signer
    }

    /// A whole chain: opened, `count` random events, closed.
    mutating func records(_ count: Int) throws -> [SealedRecord] {
        var chain = SessionChain(sessionID: id)
        var opened = PBSessionOpened()
        opened.resource = text()
        opened.policyDigest = Data([1, 2, 3])
        var records = [try chain.seal(.sessionOpened(opened), id: nextID(), time: time)]
        for _ in 0..<count { records.append(try chain.seal(event(), id: nextID(), time: time)) }
        records.append(
            try chain.close(
                reason: "client left", statements: UInt64(count), rows: 12, id: nextID(), time: time, signer: signer))
        return records
    }

    func verifier() -> ChainVerifier {
        let key = signer.verificationKey
        return ChainVerifier(sessionID: id) { $0 == key.id ? key : nil }
    }

    /// All faults of a chain, its end included.
    func faults(of records: [[UInt8]]) -> [ChainFault] {
        var verifier = verifier()
        var faults: [ChainFault] = []
        for record in records { faults += verifier.check(record) }
        return faults + verifier.finish()
    }

    mutating func nextID() -> RecordID {
        time += Int64.random(in: 0...5000, using: &generator)
        return RecordID(at: time, using: &generator)
    }

    mutating func text() -> String {
        let letters = Array("abc déf SELECT 0123 \u{1F98A} ' \n")
        return String(
            (0..<Int.random(in: 0...60, using: &generator)).map { _ in letters.randomElement(using: &generator)! })
    }

    mutating func event() -> PBRecord.OneOf_Event {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0:
            var event = PBStatementJudged()
            event.text = text()
            event.statement = generator.next()
            event.parameters = [text(), text()]
            event.outcome = .deny
            return .statement(event)
        case 1:
            var event = PBStatementCompleted()
            event.rows = generator.next() >> 40
            event.response = Data(text().utf8)
            return .completed(event)
        case 2:
            var event = PBApprovalAsked()
            event.approvalID = text()
            return .approvalAsked(event)
        case 3:
            var event = PBPolicyChanged()
            event.policy = text()
            return .policyChanged(event)
        case 4:
            var event = PBIdentityChanged()
            event.reason = text()
            return .identityChanged(event)
        default:
            var event = PBSidecarEvent()
            event.kind = text()
            return .sidecarEvent(event)
        }
    }
}

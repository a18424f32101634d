import FoundationEssentials
import Records

/// What pgbench's point query leaves as evidence, by protocol: the same in every way but for the literal or parameter.
struct Workload {
    let name: String
    let isSimple: Bool

    static let all = [Workload(name: "simple", isSimple: true), Workload(name: "prepared", isSimple: false)]

    private static let query = "SELECT abalance FROM pgbench_accounts WHERE aid = "
    private static let digest = (0..<32).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ 11) }
    private static let tag = Array("SELECT 1".utf8)[...]
    private static let judgement = StatementEvidence.Judgement(
        verbs: ["select"], objects: ["public.pgbench_accounts"], columns: [], classifications: [], outcome: .allow,
        rules: ["pgbench"], observedRules: [], policyDigest: digest, features: [])
    private static let prepared = StatementEvidence(
        StatementEvidence.Text(query + "$1", isTruncated: false, fingerprint: 0x9F3A_55C1_7D20_44E8), judgement)

    /// One statement of many, told apart by its number.
    struct Statement {
        let number: UInt64
        let account: String
        let duration: UInt64
        let time: Int64
    }

    func evidence(of statement: Statement) -> StatementEvidence {
        guard isSimple else { return Self.prepared }
        return StatementEvidence(
            StatementEvidence.Text(
                Self.query + statement.account, isTruncated: false, fingerprint: 0x9F3A_55C1_7D20_44E8), Self.judgement)
    }

    func append(_ statement: Statement, to buffer: inout EventBuffer) -> EventBuffer.Event {
        var parameters = RecordedParameters()
        if !isSimple { parameters.append(statement.account.utf8) }
        var end = Completion()
        end.tag = Self.tag
        end.rows = 1
        end.bytes = 17
        end.durationMicroseconds = statement.duration
        return buffer.appendRun(
            evidence(of: statement), number: statement.number, parameters: parameters, end)
    }

    /// The same as messages, in the two records that it was before.
    func messages(of statement: Statement) -> (PBStatementJudged, PBStatementCompleted) {
        var judged = PBStatementJudged()
        judged.statement = statement.number
        judged.text = isSimple ? Self.query + statement.account : Self.query + "$1"
        judged.fingerprint = 0x9F3A_55C1_7D20_44E8
        if !isSimple { judged.parameters = [statement.account] }
        judged.verbs = ["select"]
        judged.objects = ["public.pgbench_accounts"]
        judged.outcome = .allow
        judged.rules = ["pgbench"]
        judged.policyDigest = Data(Self.digest)
        var completed = PBStatementCompleted()
        completed.statement = statement.number
        completed.tag = "SELECT 1"
        completed.rows = 1
        completed.bytes = 17
        completed.durationUs = statement.duration
        return (judged, completed)
    }
}

/// Sixteen sessions that ask by turns, in an order that repeats with the seed.
struct Sessions {
    private(set) var chains: [SessionChain]
    private var state: UInt64 = 0x2545_F491_4F6C_DD1D
    private var numbers: [UInt64]
    private var time: Int64 = 1_800_000_000_000_000

    init(_ count: Int = 16) {
        chains = (0..<count).map { SessionChain(sessionID: RecordID(at: 1_800_000_000_000_000 + Int64($0))) }
        numbers = Array(repeating: 0, count: count)
    }

    mutating func next() -> (session: Int, Workload.Statement) {
        let random = draw()
        let session = Int(random % UInt64(chains.count))
        numbers[session] += 1
        time += Int64(random >> 40 & 63) + 30
        return (
            session,
            Workload.Statement(
                number: numbers[session], account: String(draw() % 100_000 + 1), duration: draw() % 300 + 40, time: time
            )
        )
    }

    mutating func withChain<Result>(_ session: Int, _ body: (inout SessionChain) -> Result) -> Result {
        body(&chains[session])
    }

    private mutating func draw() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state >> 8
    }
}

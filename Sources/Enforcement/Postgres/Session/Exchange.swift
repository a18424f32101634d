import Policy
import PostgresWire
import Records

/// A message that was sent to the server, whose answer is to come. The server answers in order, so that the first of the
/// queue says what the next answer belongs to.
enum Exchange {
    /// A simple query, or a refused message of that kind.
    case query(QueryExchange)
    case parse(name: WireName, StatementMirror)
    case bind(name: WireName, PortalMirror)
    /// - visible: the client asked; else the answer is for the session alone.
    case describeStatement(StatementMirror?, visible: Bool)
    case describePortal(PortalMirror?, visible: Bool)
    case execute(ExecuteExchange)
    case close(FrontendMessage.Target, WireName)
    case sync
    /// A message of the extended protocol that policy refused: another that the server refuses went in its place, and this is
    /// what the client gets for the server's error.
    case refusal(ResponseFields)
    case searchPath(SearchPathExchange)
}

/// A simple query under way. One statement after another answers.
final class QueryExchange {
    var runs: [StatementRun]
    var current = 0
    /// The query was refused; this is what the client gets for the server's error.
    let refusal: ResponseFields?

    init(runs: [StatementRun], refusal: ResponseFields? = nil) {
        self.runs = runs
        self.refusal = refusal
    }

    var run: StatementRun? { current < runs.count ? runs[current] : nil }
}

final class ExecuteExchange {
    let portal: PortalMirror
    let run: StatementRun

    init(portal: PortalMirror, run: StatementRun) {
        self.portal = portal
        self.run = run
    }
}

/// The question for the effective search path, which no client sees.
final class SearchPathExchange {
    /// It ends with a Sync of its own; else it stands within the client's pipeline.
    let endsWithSync: Bool
    var schemas: [String] = []
    /// How many of its two names, portal and statement, are gone again.
    var closed = 0
    var failed: ResponseFields?

    init(endsWithSync: Bool) {
        self.endsWithSync = endsWithSync
    }
}

/// One statement between its release to the server and its end: what is done to its rows, and what is counted.
final class StatementRun {
    /// Counts from 1 in the session.
    let number: UInt64
    let judged: JudgedStatement
    /// Its own, where it was judged by another that differs in literals.
    let text: [UInt8]?
    /// For records: sensitive values masked.
    let parameters: RecordedParameters
    let startedNanoseconds: UInt64
    /// Its judgement has a record of its own. Else one record will tell of judgement and end.
    var isJudgementRecorded = false
    var plan: ResultPlan?
    var rows: UInt64 = 0
    var bytes: UInt64 = 0
    var sample: ResponseSample?
    var copyOut: CopyOutStream?
    /// The data of a COPY FROM STDIN, where they must be looked at.
    var copyIn: CopyInCheck?
    /// What the client gets for the server's error: the session made it fail.
    var refusal: ResponseFields?
    /// Counts its rows in the budgets that they are of.
    var meter: ResultMeter?
    /// The meter knows which columns hold values that are counted.
    var isWatching = false
    /// The budget that ended its result.
    var spentBudget = ""
    /// Its end was recorded.
    var isCompleted = false

    init(
        number: UInt64, judged: JudgedStatement, text: [UInt8]?, parameters: RecordedParameters,
        startedNanoseconds: UInt64
    ) {
        self.text = text
        self.number = number
        self.judged = judged
        self.parameters = parameters
        self.startedNanoseconds = startedNanoseconds
    }
}

/// A prepared statement as the server has it.
final class StatementMirror {
    /// Of a Parse, or the whole of SQL's PREPARE: judged again where the judgement is out of date.
    let text: [UInt8]
    var judged: JudgedStatement
    var epoch: JudgementEpoch
    /// The server has described it, and names have meant the same since.
    var isDescribed = false
    /// `nil` until described, and for a statement without rows.
    var fields: [FieldDescription]? {
        didSet { descriptions &+= 1 }
    }
    /// How often ``fields`` were set.
    private(set) var descriptions: UInt64 = 0

    init(text: [UInt8], judged: JudgedStatement, epoch: JudgementEpoch) {
        self.text = text
        self.judged = judged
        self.epoch = epoch
    }
}

/// A portal or cursor as the server has it.
final class PortalMirror {
    let statement: StatementMirror
    var judged: JudgedStatement
    var epoch: JudgementEpoch
    let resultFormats: [FormatCode]
    /// For records: sensitive values masked.
    let recordedParameters: RecordedParameters
    var grant: ApprovalGrant?
    /// What stood behind the name that it runs, when it was bound.
    var target: JudgedStatement?
    /// The number that the held statement was recorded with.
    var heldNumber: UInt64?
    /// A Describe is on its way or answered.
    var describeSent = false
    /// `nil` until described, and for a portal without rows.
    var fields: [FieldDescription]?

    init(
        statement: StatementMirror, judged: JudgedStatement, epoch: JudgementEpoch, resultFormats: [FormatCode],
        recordedParameters: RecordedParameters
    ) {
        self.statement = statement
        self.judged = judged
        self.epoch = epoch
        self.resultFormats = resultFormats
        self.recordedParameters = recordedParameters
    }
}

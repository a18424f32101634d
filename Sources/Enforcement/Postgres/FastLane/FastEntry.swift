import Policy
import PostgresWire
import Records
import SQLInspection
import WireBytes

/// What the lane wants to know of a statement, the same for every session: made once, and kept with the judgement.
final class FastFacts: Sendable {
    /// What allows it to be sent, whenever the verdict that made it is in force.
    let permission: Permitted<StandingPermission>
    let evidence: StatementEvidence
    /// Other texts that were judged with it; `nil`: none.
    let template: PlainTemplate?
    /// Records show none of its parameters.
    let hidesParameters: Bool

    init(
        permission: Permitted<StandingPermission>, evidence: StatementEvidence, template: PlainTemplate?,
        hidesParameters: Bool
    ) {
        self.permission = permission
        self.evidence = evidence
        self.template = template
        self.hidesParameters = hidesParameters
    }
}

/// A statement that the lane takes, in one session.
final class FastEntry {
    let judged: JudgedStatement
    let facts: FastFacts
    /// That it was judged by.
    let text: [UInt8]
    let fingerprint: UInt64
    private let template: PlainTemplate?
    /// Rows of it, when it was sent as a Query.
    var ofQuery: FastResult?
    /// Rows of it, when it was bound.
    var ofPortal: FastResult?
    /// The unnamed statement, for a client that parses it each time.
    var unnamed: StatementMirror?

    init(_ judged: JudgedStatement, _ facts: FastFacts) {
        self.judged = judged
        self.facts = facts
        text = judged.source.text
        fingerprint = judged.analysis.fingerprint
        template = facts.template
    }

    /// Whether it is what a Query of this text asks for.
    func isGood(for text: Span<UInt8>) -> Bool {
        template?.matches(text) ?? self.text.holdsSameBytes(as: text)
    }
}

/// How a statement's rows were described, and what is done with them.
final class FastResult {
    /// The RowDescription's body; empty where the statement, and not the portal, was described.
    let description: [UInt8]
    /// The statement that was described then, and how often it had been.
    let mirror: StatementMirror?
    let descriptions: UInt64
    /// Result formats as in Bind.
    let formats: [UInt8]
    /// What a kept response begins with.
    let header: [UInt8]
    let passesRows: Bool
    let columnCount: Int
    let hasBinary: Bool
    /// Counts rows of one query, and is reset then.
    var plan: ResultPlan

    init(
        description: [UInt8], mirror: StatementMirror?, descriptions: UInt64, formats: [UInt8], plan: ResultPlan
    ) {
        self.description = description
        self.mirror = mirror
        self.descriptions = descriptions
        self.formats = formats
        self.plan = plan
        passesRows = plan.passesRows
        columnCount = plan.columns.count
        hasBinary = plan.columns.contains { $0.format == .binary }
        header = ResponseSample(columns: plan.columns.map(\.name), maximum: .max).bytes
    }
}

extension JudgedStatement {
    /// Whether policy allows it outright, whoever asks when, and all that it does is to show rows.
    var isPlainRead: Bool {
        verdict.outcome == .allow && verdict.budgets.isEmpty && verdict.findingBudgets.isEmpty && onlyReads
            && leavesSessionAlone && !isIndirect
            && analysis.kind == .query && analysis.writes.isEmpty && source.failure == nil
            && source.statements.count == 1 && !source.text.isEmpty
    }
}

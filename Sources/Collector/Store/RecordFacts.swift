import Records

/// What search looks for in a record, drawn from its bytes once, on arrival.
struct RecordFacts {
    var kind: RecordKind
    var statement: Int64?
    var verdict: String?
    /// Values by dimension; sorted and without duplicates.
    var values: [(dimension: String, value: String)]
    /// What full-text search reads; empty for nothing.
    var text: String

    /// No more values of one record are indexed; the record itself keeps all.
    private static let maximumValues = 512

    init(_ record: PBRecord) {
        kind = RecordKind(record)
        var seen: Set<Value> = []
        var text: [String] = []
        var statement: UInt64?
        var verdict: String?
        func note(_ dimension: Dimension, _ items: [String]) {
            for item in items where !item.isEmpty && seen.count < Self.maximumValues {
                seen.insert(Value(dimension: dimension.rawValue, value: item.column))
            }
        }
        func noteJudged(_ event: PBStatementJudged) {
            statement = event.statement
            verdict = RecordText.outcome(event.outcome)
            note(.rule, event.rules + event.observedRules)
            note(.classification, event.classifications)
            note(.object, event.objects)
            // People ask for a table by its bare name as well.
            note(.object, event.objects.compactMap { $0.split(separator: ".").last.map(String.init) })
            note(.approval, [event.approvalID])
            text = [event.text, event.message] + event.parameters
        }
        switch record.event {
        case .sessionOpened(let event):
            if !event.refused.isEmpty { verdict = "deny" }
            text = [event.refused, event.client]
        case .statement(let event): noteJudged(event)
        case .statementRun(let event):
            noteJudged(event.judged)
            note(.classification, event.completed.masks.map(\.classification))
        case .completed(let event):
            statement = event.statement
            note(.classification, event.masks.map(\.classification))
        case .approvalAsked(let event):
            statement = event.statement
            note(.approval, [event.approvalID])
        case .approvalAnswered(let event):
            statement = event.statement
            note(.approval, [event.approvalID])
            text = [event.reason]
        case .policyChanged(let event): text = [event.policy, event.rejected]
        case .sessionClosed(let event): text = [event.reason]
        case .sidecarEvent(let event): text = [event.kind, event.detail]
        case .identityChanged(let event): text = [event.reason]
        case nil: break
        }
        self.statement = statement.map { Int64(clamping: $0) }
        self.verdict = verdict
        self.values = seen.sorted { ($0.dimension, $0.value) < ($1.dimension, $1.value) }
            .map { (dimension: $0.dimension, value: $0.value) }
        self.text = text.filter { !$0.isEmpty }.joined(separator: "\n").column
    }

    private struct Value: Hashable {
        var dimension: String
        var value: String
    }

    /// What a value in the index is a value of.
    enum Dimension: String {
        case rule, object, classification, approval
    }
}

/// The kinds of record, as the API names them.
public enum RecordKind: String, Sendable, Codable, CaseIterable {
    case sessionOpened = "session-opened"
    case statement
    case completed
    /// Both in one: a statement that was allowed outright, only read, and had ended before its answer was released.
    case statementRun = "statement-run"
    case approvalAsked = "approval-asked"
    case approvalAnswered = "approval-answered"
    case policyChanged = "policy-changed"
    case sessionClosed = "session-closed"
    case sidecarEvent = "sidecar-event"
    case identityChanged = "identity-changed"
    /// Of a version that this collector does not know: kept, and shown as bytes.
    case unknown

    /// The kinds that tell of what this one names.
    var found: [RecordKind] {
        switch self {
        case .statement: [.statement, .statementRun]
        case .completed: [.completed, .statementRun]
        default: [self]
        }
    }

    init(_ record: PBRecord) {
        self =
            switch record.event {
            case .sessionOpened: .sessionOpened
            case .statement: .statement
            case .completed: .completed
            case .statementRun: .statementRun
            case .approvalAsked: .approvalAsked
            case .approvalAnswered: .approvalAnswered
            case .policyChanged: .policyChanged
            case .sessionClosed: .sessionClosed
            case .sidecarEvent: .sidecarEvent
            case .identityChanged: .identityChanged
            case nil: .unknown
            }
    }
}

/// Enumerations of records in words.
enum RecordText {
    static func outcome(_ outcome: PBOutcome) -> String? {
        switch outcome {
        case .allow: "allow"
        case .hold: "hold"
        case .deny: "deny"
        case .unspecified, .UNRECOGNIZED: nil
        }
    }

    static func answer(_ answer: PBApprovalAnswered.Answer) -> String {
        switch answer {
        case .approved: "approved"
        case .denied: "denied"
        case .expired: "expired"
        case .abandoned: "abandoned"
        case .unspecified, .UNRECOGNIZED: "unspecified"
        }
    }
}

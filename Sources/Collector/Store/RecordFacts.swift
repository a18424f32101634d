import Records

/// What search looks for in a record, drawn from its bytes once, on arrival.
struct RecordFacts {
    var kind: RecordKind
    var statement: Int64?
    var verdict: String?
    /// What full-text search reads and many records have the same of: the statement, and what its client was told. Empty for
    /// nothing.
    var text: String { Self.joined(texts) }
    /// What full-text search reads and nearly every record has its own of. Empty for nothing.
    var parameters: String { Self.joined(parameterList) }

    private var texts: [String] = []
    private var parameterList: [String] = []
    private var lists: [(dimension: Dimension, items: [String])] = []

    /// No more values of one record are indexed; the record itself keeps all.
    private static let maximumValues = 512

    init(_ record: PBRecord) {
        kind = RecordKind(record)
        var statement: UInt64?
        switch record.event {
        case .sessionOpened(let event):
            if !event.refused.isEmpty { verdict = "deny" }
            texts = [event.refused, event.client]
        case .statement(let event):
            statement = event.statement
            noteJudged(event)
        case .statementRun(let event):
            statement = event.judged.statement
            noteJudged(event.judged)
            if !event.completed.masks.isEmpty { note(.classification, event.completed.masks.map(\.classification)) }
        case .completed(let event):
            statement = event.statement
            if !event.masks.isEmpty { note(.classification, event.masks.map(\.classification)) }
        case .approvalAsked(let event):
            statement = event.statement
            note(.approval, [event.approvalID])
        case .approvalAnswered(let event):
            statement = event.statement
            note(.approval, [event.approvalID])
            texts = [event.reason]
        case .policyChanged(let event): texts = [event.policy, event.rejected]
        case .sessionClosed(let event): texts = [event.reason]
        case .sidecarEvent(let event): texts = [event.kind, event.detail]
        case .identityChanged(let event): texts = [event.reason]
        case nil: break
        }
        self.statement = statement.map { Int64(clamping: $0) }
    }

    private mutating func noteJudged(_ event: PBStatementJudged) {
        verdict = RecordText.outcome(event.outcome)
        note(.rule, event.rules)
        note(.rule, event.observedRules)
        note(.classification, event.classifications)
        note(.object, event.objects)
        if !event.approvalID.isEmpty { note(.approval, [event.approvalID]) }
        texts = [event.text, event.message]
        parameterList = event.parameters
    }

    private mutating func note(_ dimension: Dimension, _ items: [String]) {
        if !items.isEmpty { lists.append((dimension, items)) }
    }

    /// Values by dimension; sorted and without duplicates.
    var values: [(dimension: String, value: String)] {
        var seen: Set<Value> = []
        func note(_ dimension: Dimension, _ item: some StringProtocol) {
            guard !item.isEmpty, seen.count < Self.maximumValues else { return }
            seen.insert(Value(dimension: dimension.rawValue, value: String(item).column))
        }
        for list in lists { for item in list.items { note(list.dimension, item) } }
        // People ask for a table by its bare name as well.
        for list in lists where list.dimension == .object {
            for item in list.items {
                if let name = item.split(separator: ".").last { note(.object, name) }
            }
        }
        return seen.sorted { ($0.dimension, $0.value) < ($1.dimension, $1.value) }
            .map { (dimension: $0.dimension, value: $0.value) }
    }

    private struct Value: Hashable {
        var dimension: String
        var value: String
    }

    /// What a value in the index is a value of.
    enum Dimension: String {
        case rule, object, classification, approval
    }

    // MARK: What is alike

    /// Equal for records whose `values` are; empty for a record that has none.
    var valuesKey: [UInt8] {
        var key: [UInt8] = []
        for list in lists {
            for item in list.items where !item.isEmpty {
                key.append(list.dimension.tag)
                Self.append(item, to: &key)
            }
        }
        return key
    }

    /// Equal for records whose `text` is; empty for a record that has none.
    var textKey: [UInt8] {
        var key: [UInt8] = []
        for item in texts where !item.isEmpty { Self.append(item, to: &key) }
        return key
    }

    /// With its length before it: no two lists have one key.
    private static func append(_ item: String, to key: inout [UInt8]) {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: item.utf8.count)) { key.append(contentsOf: $0) }
        key.append(contentsOf: item.utf8)
    }

    private static func joined(_ items: [String]) -> String {
        items.filter { !$0.isEmpty }.joined(separator: "\n").column
    }
}

extension RecordFacts.Dimension {
    fileprivate var tag: UInt8 {
        switch self {
        case .rule: 1
        case .object: 2
        case .classification: 3
        case .approval: 4
        }
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

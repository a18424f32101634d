import Collector

/// Records as lines for a person.
enum RecordLines {
    /// A record in one line or a few; a statement's later lines are indented beneath it.
    static func text(_ record: RecordView, withSession: Bool = false) -> [String] {
        var lines: [String]
        switch record.kind {
        case .sessionOpened: lines = opened(record)
        case .statement: lines = record.statement.map(statement) ?? []
        case .completed: lines = record.completed.map(completed) ?? []
        case .statementRun: lines = (record.statement.map(statement) ?? []) + (record.completed.map(completed) ?? [])
        case .approvalAsked:
            lines =
                record.approvalAsked.map {
                    ["#\($0.statement) waits for \(ApproverText.lists($0.approverGroups)) (approval \($0.approvalId))"]
                } ?? []
        case .approvalAnswered:
            lines =
                record.approvalAnswered.map { answer in
                    var line = "#\(answer.statement) \(answer.answer)"
                    if let approver = answer.approver { line += " by \(approver)" }
                    if let reason = answer.reason { line += ": \(reason)" }
                    return [line]
                } ?? []
        case .policyChanged:
            lines =
                record.policyChanged.map { change in
                    change.rejected.map { ["policy not taken: \($0)"] }
                        ?? ["policy \(change.policy ?? "") \(change.digest.prefix(12))"]
                } ?? []
        case .sessionClosed:
            lines =
                record.sessionClosed.map {
                    ["closed: \($0.reason) (\($0.statements) statements, \($0.rows) rows)"]
                } ?? []
        case .sidecarEvent:
            lines = record.sidecarEvent.map { ["sidecar \($0.kind)\($0.detail.map { ": \($0)" } ?? "")"] } ?? []
        case .identityChanged:
            lines = record.identityChanged.map { ["identity \($0.reason) \($0.groups.joined(separator: ", "))"] } ?? []
        case .unknown: lines = ["a record of a kind that this version does not know"]
        }
        var prefix = record.time.description.dropFirst(11).prefix(12) + "  "
        if withSession {
            prefix += "\(record.sessionId.suffix(8))  \(SessionText.who(record.subject, record.actors))  "
        }
        return lines.enumerated().map { index, line in
            Terminal.safe(index == 0 ? prefix + line : String(repeating: " ", count: prefix.count) + line)
        }
    }

    private static func opened(_ record: RecordView) -> [String] {
        guard let event = record.sessionOpened else { return [] }
        var line = "\(SessionText.who(event.subject, event.actors)) on \(event.resource)"
        if let database = event.database { line += "/\(database)" }
        if let client = event.client { line += " with \(client)" }
        if !event.groups.isEmpty { line += ", groups \(event.groups.joined(separator: ", "))" }
        return event.refused.map { [line, "refused: \($0)"] } ?? [line]
    }

    private static func statement(_ event: RecordView.Statement) -> [String] {
        var lines = ["#\(event.number) \(event.verdict.uppercased())  \(event.text)\(event.textTruncated ? " …" : "")"]
        if !event.parameters.isEmpty {
            lines.append(
                "parameters: "
                    + event.parameters.enumerated().map { "$\($0.offset + 1)=\($0.element)" }
                    .joined(separator: ", "))
        }
        if !event.rules.isEmpty { lines.append("rules: \(event.rules.joined(separator: ", "))") }
        if !event.observedRules.isEmpty {
            lines.append("would have decided (observe): \(event.observedRules.joined(separator: ", "))")
        }
        if !event.classifications.isEmpty {
            lines.append(
                "touches: \(event.classifications.joined(separator: ", ")) (\(event.columns.joined(separator: ", ")))")
        }
        if let message = event.message { lines.append("told: \(message)") }
        if let approval = event.approvalId { lines.append("approval: \(approval)") }
        return lines
    }

    private static func completed(_ event: RecordView.Completed) -> [String] {
        var line = "#\(event.statement) "
        if let state = event.sqlstate {
            line += "failed with \(state)"
        } else {
            line += event.tag ?? "done"
            // An answer over HTTP has no rows, and a status in place of a tag.
            if event.tag?.first?.isNumber != true { line += ", \(event.rows) row\(event.rows == 1 ? "" : "s")" }
            line += ", \(event.bytes) bytes"
        }
        line += " in \(duration(event.durationMicroseconds))"
        if event.incomplete { line += ", the connection ended first" }
        let masks = event.masks.map { mask in
            "\(mask.column): \(mask.mask) of \(mask.classification)\(mask.detector.map { " (found by \($0))" } ?? ""), "
                + "\(mask.values) value\(mask.values == 1 ? "" : "s")"
        }
        return [line] + masks.map { "masked \($0)" } + event.withheld.map { "withheld a text of the database's: \($0)" }
            + (event.budget.map { ["the budget \($0) ended the result"] } ?? [])
            + (event.refused.map { ["the answer was not let through: \($0)"] } ?? [])
    }

    private static func duration(_ microseconds: UInt64) -> String {
        microseconds < 1000
            ? "\(microseconds) µs"
            : microseconds < 1_000_000
                ? "\(microseconds / 1000) ms" : "\(microseconds / 1_000_000).\(microseconds / 100_000 % 10) s"
    }
}

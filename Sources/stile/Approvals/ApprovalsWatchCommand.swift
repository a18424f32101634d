import ArgumentParser
import Collector

struct ApprovalsWatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Ring when something waits for a person, and show all that there is to decide it by.")

    @OptionGroup var connection: ConnectionOptions
    @Flag(help: "Do not ring.")
    var quiet = false
    @Option(help: "table or json (a line a change).")
    var output: OutputFormat = .table

    func run() async throws {
        try await connection.run { client in
            // What waits already comes first, then every change.
            let newest = try await client.list("approvals", [:], limit: 1, as: ApprovalView.self).first
            let waiting = try await client.list(
                "approvals", ["state": ApprovalState.pending.rawValue, "order": "oldest"], limit: 1000,
                as: ApprovalView.self)
            for approval in waiting { try show(approval) }
            if waiting.isEmpty, output == .table { Terminal.note("nothing waits for you; watching") }
            let stream = EventStream(
                client: client, query: ["topic": "approvals"], cursor: String(newest?.change ?? 0, radix: 36))
            try await stream.run(ApprovalView.self) { try show($0) }
        }
    }

    private func show(_ approval: ApprovalView) throws {
        guard output == .table else { return Terminal.line(try JSONOutput.text(approval, pretty: false)) }
        guard approval.state == .pending else {
            var line = "\(approval.decided?.short ?? "")  \(approval.id) \(approval.state.rawValue)"
            if let approver = approval.approver { line += " by \(approver)" }
            if let reason = approval.reason { line += ": \(reason)" }
            return Terminal.line(Terminal.safe(line))
        }
        // The bell, for a person who looks elsewhere.
        let bell = !quiet && Terminal.isInteractive ? "\u{07}" : ""
        Terminal.line(bell + ApprovalText.lines(approval).joined(separator: "\n") + "\n")
    }
}

/// An approval in words: who wants what, why it is held, how long there is, and what to type.
enum ApprovalText {
    static func lines(_ approval: ApprovalView) -> [String] {
        var lines: [String] = []
        func row(_ name: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            lines.append(name.padding(12) + Terminal.safe(value))
        }
        row("approval", approval.id)
        row(
            "state", approval.state == .pending ? "pending, \(approval.expires.untilNow) left" : approval.state.rawValue
        )
        row("who", SessionText.who(approval.subject, approval.actors))
        row("groups", approval.subjectGroups.joined(separator: ", "))
        row("agent", [approval.namespace, approval.workload, approval.pod].compactMap(\.self).joined(separator: "/"))
        row("resource", approval.resource)
        row("statement", approval.text)
        for (index, parameter) in approval.parameters.enumerated() { row("  $\(index + 1)", parameter) }
        row("touches", approval.objects.joined(separator: ", "))
        row("data", approval.classifications.joined(separator: ", "))
        row("held by", approval.rules.joined(separator: ", "))
        row("message", approval.message)
        row("for", approval.approvers)
        row("session", approval.sessionId)
        row("decided", approval.decided.map { "\($0.short) by \(approval.approver ?? "nobody")" })
        row("reason", approval.reason)
        if approval.decidable {
            lines.append("")
            lines.append("  stile approvals approve \(approval.id) --reason …")
            lines.append("  stile approvals deny \(approval.id) --reason …")
        } else if approval.state == .pending {
            row("not yours", approval.obstacle)
        }
        return lines
    }
}

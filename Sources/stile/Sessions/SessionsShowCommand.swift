import ArgumentParser
import Collector

struct SessionsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a session: its statements, what was decided and why, rows, masks.")

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The session's id.")
    var session: String
    @Flag(help: "Show the recorded responses too.")
    var responses = false
    @Option(help: "table or json.")
    var output: OutputFormat = .table

    func run() async throws {
        struct Whole: Encodable {
            var session: SessionView
            var records: [RecordView]
            var findings: [FindingView]
        }
        try await connection.run { client in
            let id = CollectorClient.escape(session)
            let view = try await client.get("sessions/\(id)", as: SessionView.self)
            let records = try await client.list(
                "sessions/\(id)/records", [:], limit: 100_000, as: RecordView.self)
            let findings =
                view.findings == 0
                ? []
                : try await client.list(
                    "findings", ["session": view.id, "open": "true"], limit: 1000, as: FindingView.self)
            guard output == .table else {
                return print(try JSONOutput.text(Whole(session: view, records: records, findings: findings)))
            }
            show(view)
            for record in records {
                for line in RecordLines.text(record) { print(line) }
                if responses, let response = record.completed?.response {
                    for line in response.split(separator: "\n") {
                        print("                | \(Terminal.safe(String(line)))")
                    }
                }
            }
            for finding in findings { print(Terminal.safe("! \(finding.kind.rawValue): \(finding.detail)")) }
        }
    }

    private func show(_ view: SessionView) {
        func row(_ name: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            print(name.padding(12) + Terminal.safe(value))
        }
        row("session", view.id)
        row("subject", SessionText.who(view))
        row("issuer", view.issuer)
        row("groups", view.groups.joined(separator: ", "))
        row("resource", view.resource)
        row("agent", [view.namespace, view.workload, view.pod].compactMap(\.self).joined(separator: "/"))
        row("sidecar", view.sidecarId)
        row("opened", view.opened?.short)
        row("closed", view.closed.map { "\($0.short) \(view.closeReason ?? "")" })
        row("policy", view.policyDigest)
        row("state", SessionText.state(view))
        row(
            "total",
            "\(view.statements) statements, \(view.denied) denied, \(view.held) held, \(view.rows) rows, "
                + "\(view.maskedValues) values masked")
        print("")
    }
}

extension String {
    /// With spaces up to a width.
    func padding(_ width: Int) -> String { self + String(repeating: " ", count: max(width - count, 1)) }
}

import ArgumentParser
import Collector

/// Evidence, for auditors.
struct SessionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "Read sessions and their records, follow them as they come, and check their chains.",
        subcommands: [
            SessionsListCommand.self, SessionsShowCommand.self, SessionsFollowCommand.self,
            SessionsSearchCommand.self, SessionsVerifyCommand.self, SessionsExportCommand.self,
        ]
    )
}

struct SessionsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List sessions, the latest first.")

    @OptionGroup var connection: ConnectionOptions
    @Option(help: ArgumentHelp("Active since. \(Moment.help)", valueName: "when"))
    var since: Moment?
    @Option(help: ArgumentHelp("Opened before.", valueName: "when"))
    var until: Moment?
    @Option(help: "Whose (the token's sub).")
    var subject: String?
    @Option(help: "Acted for by (act).")
    var actor: String?
    @Option(help: "On which resource.")
    var resource: String?
    @Flag(help: "Only those that are open.")
    var open = false
    @Flag(help: "Only those whose evidence has open findings.")
    var findings = false
    @Option(help: "How many at most.")
    var limit = 50
    @Option(help: "table or json.")
    var output: OutputFormat = .table

    func run() async throws {
        try await connection.run { client in
            let sessions = try await client.list(
                "sessions",
                [
                    "since": since?.time.description, "until": until?.time.description, "subject": subject,
                    "actor": actor, "resource": resource, "open": open ? "true" : nil,
                    "findings": findings ? "true" : nil,
                ], limit: limit, as: SessionView.self)
            guard output == .table else { return print(try JSONOutput.text(sessions)) }
            guard !sessions.isEmpty else { return Terminal.note("no sessions") }
            var table = Table(
                "SESSION", "OPENED", "SUBJECT", "RESOURCE", "STATEMENTS", "DENIED", "HELD", "ROWS", "STATE")
            for session in sessions {
                table.add(
                    session.id, (session.opened ?? session.lastActivity).short, SessionText.who(session),
                    session.resource ?? "(sidecar \(session.sidecarId))", "\(session.statements)", "\(session.denied)",
                    "\(session.held)", "\(session.rows)", SessionText.state(session))
            }
            print(table.text)
        }
    }
}

/// Sessions in words.
enum SessionText {
    /// The person, and the agent that acts for them.
    static func who(_ session: SessionView) -> String {
        who(session.subject, session.actors)
    }

    static func who(_ subject: String?, _ actors: [String]) -> String {
        let person = subject ?? "-"
        return actors.isEmpty ? person : "\(person) via \(actors.joined(separator: " via "))"
    }

    static func state(_ session: SessionView) -> String {
        if session.refused != nil { return "refused" }
        if session.findings > 0 { return "\(session.findings) finding\(session.findings == 1 ? "" : "s")" }
        if !session.intact { return "incomplete" }
        guard session.closed != nil else { return "open" }
        return session.signature == .verified ? "closed, signed" : "closed"
    }
}

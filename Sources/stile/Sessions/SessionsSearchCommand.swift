import ArgumentParser
import Collector

/// What a search of records asks for.
struct RecordFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("From when. \(Moment.help)", valueName: "when"))
    var since: Moment?
    @Option(help: ArgumentHelp("Before when.", valueName: "when"))
    var until: Moment?
    @Option(help: "Whose (the token's sub).")
    var subject: String?
    @Option(help: "Acted for by (act).")
    var actor: String?
    @Option(help: "On which resource.")
    var resource: String?
    @Option(help: "allow, hold or deny.")
    var verdict: String?
    @Option(help: "Decided or observed by this rule.")
    var rule: String?
    @Option(help: "A table, with or without its schema.")
    var table: String?
    @Option(help: "A classification.")
    var classification: String?
    @Option(help: "A part of a statement, parameter, message or reason.")
    var text: String?
    @Option(help: "A kind of record: statement, completed, session-opened, …")
    var kind: String?
    @Option(help: "In this session.")
    var session: String?

    var query: [String: String?] {
        [
            "since": since?.time.description, "until": until?.time.description, "subject": subject, "actor": actor,
            "resource": resource, "verdict": verdict, "rule": rule, "table": table, "classification": classification,
            "text": text, "kind": kind, "session": session,
        ]
    }
}

struct SessionsSearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Search the records of all sessions, the latest first.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var filter: RecordFilterOptions
    @Option(help: "How many at most.")
    var limit = 50
    @Option(help: "table or json.")
    var output: OutputFormat = .table

    func run() async throws {
        try await connection.run { client in
            let records = try await client.list("records", filter.query, limit: limit, as: RecordView.self)
            guard output == .table else { return print(try JSONOutput.text(records)) }
            guard !records.isEmpty else { return Terminal.note("no records") }
            for record in records {
                for line in RecordLines.text(record, withSession: true) { print(line) }
            }
        }
    }
}

struct SessionsFollowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow", abstract: "Show records as they come; of one session, or of all that match.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var filter: RecordFilterOptions
    @Flag(help: "Begin with what is there already.")
    var all = false
    @Option(help: "table or json (a line a record).")
    var output: OutputFormat = .table

    func run() async throws {
        try await connection.run { client in
            let stream = EventStream(
                client: client, query: filter.query.merging(["topic": "records"]) { $1 }, cursor: all ? "0" : nil)
            try await stream.run(RecordView.self) { record in
                guard output == .table else { return Terminal.line(try JSONOutput.text(record, pretty: false)) }
                for line in RecordLines.text(record, withSession: filter.session == nil) { Terminal.line(line) }
            }
        }
    }
}

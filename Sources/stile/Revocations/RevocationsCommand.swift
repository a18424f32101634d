import ArgumentParser
import Collector
import NIOHTTP1

/// Ending sessions, for administrators.
struct RevocationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revocations",
        abstract:
            "End the sessions of a subject, an issuer or one session at once, and let none in until it is lifted.",
        subcommands: [RevocationsListCommand.self, RevocationsAddCommand.self, RevocationsLiftCommand.self]
    )
}

struct RevocationsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List revocations that are in force.")

    @OptionGroup var connection: ConnectionOptions
    @Flag(help: "Those that were lifted too.")
    var all = false
    @Option(help: "table or json.")
    var output: OutputFormat = .table

    func run() async throws {
        try await connection.run { client in
            let revocations = try await client.list(
                "revocations", ["lifted": all ? "true" : nil], limit: 10_000, as: RevocationView.self)
            guard output == .table else { return print(try JSONOutput.text(revocations)) }
            guard !revocations.isEmpty else { return Terminal.note("no revocations") }
            var table = Table("REVOCATION", "CREATED", "BY", "WHOM", "STATE", "REASON")
            for revocation in revocations {
                table.add(
                    revocation.id, revocation.created.short, revocation.createdBy, RevocationText.whom(revocation),
                    revocation.lifted == nil ? "in force" : "lifted", revocation.reason)
            }
            print(table.text)
        }
    }
}

struct RevocationsAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Revoke: name a subject, an issuer, a session, or several of them.")

    @OptionGroup var connection: ConnectionOptions
    @Option(help: "The token's sub.")
    var subject: String?
    @Option(help: "The token's iss.")
    var issuer: String?
    @Option(help: "A session's id.")
    var session: String?
    @Option(help: ArgumentHelp("Only tokens issued before. \(Moment.help)", valueName: "when"))
    var before: Moment?
    @Option(name: .shortAndLong, help: "Why; records keep it.")
    var reason: String
    @Option(help: "table or json.")
    var output: OutputFormat = .table

    func run() async throws {
        try await connection.run { client in
            let view = try await client.send(
                .POST, "revocations",
                body: RevocationBody(
                    subject: subject, issuer: issuer, sessionId: session, reason: reason, before: before?.time),
                as: RevocationView.self)
            print(output == .json ? try JSONOutput.text(view) : "revoked \(RevocationText.whom(view)): \(view.id)")
        }
    }
}

struct RevocationsLiftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "lift", abstract: "Lift a revocation.")

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The revocation's id.")
    var revocation: String
    @Option(help: "table or json.")
    var output: OutputFormat = .table

    func run() async throws {
        try await connection.run { client in
            let view = try await client.delete(
                "revocations/\(CollectorClient.escape(revocation))", as: RevocationView.self)
            print(output == .json ? try JSONOutput.text(view) : "lifted \(view.id)")
        }
    }
}

/// Revocations in words.
enum RevocationText {
    static func whom(_ revocation: RevocationView) -> String {
        var parts: [String] = []
        if let subject = revocation.subject { parts.append(subject) }
        if let issuer = revocation.issuer { parts.append("of \(issuer)") }
        if let session = revocation.sessionId { parts.append("session \(session)") }
        if let before = revocation.before { parts.append("issued before \(before.short)") }
        return Terminal.safe(parts.joined(separator: " "))
    }
}

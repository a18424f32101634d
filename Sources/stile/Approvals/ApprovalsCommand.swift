import ArgumentParser
import Collector
import NIOHTTP1

/// Decisions, for approvers.
struct ApprovalsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approvals",
        abstract: "See what waits for a person, and decide it.",
        subcommands: [
            ApprovalsListCommand.self, ApprovalsShowCommand.self, ApprovalsApproveCommand.self,
            ApprovalsDenyCommand.self, ApprovalsWatchCommand.self,
        ]
    )
}

struct ApprovalsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List approvals, the latest first.")

    @OptionGroup var connection: ConnectionOptions
    @Option(help: "pending, approved, denied, expired or withdrawn; pending ones without it.")
    var state: String?
    @Flag(help: "Those of every state.")
    var all = false
    @Option(help: "How many at most.")
    var limit = 50
    @Option(help: "table or json.")
    var output: OutputFormat = .table

    func run() async throws {
        try await connection.run { client in
            let wanted = all ? nil : (state ?? ApprovalState.pending.rawValue)
            let approvals = try await client.list(
                "approvals", ["state": wanted], limit: limit, as: ApprovalView.self)
            guard output == .table else { return print(try JSONOutput.text(approvals)) }
            guard !approvals.isEmpty else {
                return Terminal.note(
                    wanted == ApprovalState.pending.rawValue ? "nothing waits for you" : "no approvals")
            }
            var table = Table("APPROVAL", "STATE", "LEFT", "SUBJECT", "RESOURCE", "FOR", "STATEMENT")
            for approval in approvals {
                let left = approval.state == .pending ? approval.expires.untilNow : approval.approver ?? "-"
                table.add(
                    approval.id, approval.state.rawValue, left,
                    SessionText.who(approval.subject, approval.actors), approval.resource,
                    approval.approvers, approval.text)
            }
            print(table.text)
        }
    }
}

struct ApprovalsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show all that there is to decide an approval by.")

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The approval's id.")
    var approval: String
    @Option(help: "table or json.")
    var output: OutputFormat = .table

    func run() async throws {
        try await connection.run { client in
            let view = try await client.get("approvals/\(CollectorClient.escape(approval))", as: ApprovalView.self)
            guard output == .table else { return print(try JSONOutput.text(view)) }
            for line in ApprovalText.lines(view) { print(line) }
        }
    }
}

struct ApprovalsApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Let a statement pass, once.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var decision: DecisionOptions

    func run() async throws {
        try await decision.send("approve", connection)
    }
}

struct ApprovalsDenyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "deny", abstract: "Refuse a statement.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var decision: DecisionOptions

    func run() async throws {
        try await decision.send("deny", connection)
    }
}

/// A decision and its reason.
struct DecisionOptions: ParsableArguments {
    @Argument(help: "The approval's id.")
    var approval: String
    @Option(name: .shortAndLong, help: "Why; the record keeps it, and the agent is told.")
    var reason: String?
    @Option(help: "table or json.")
    var output: OutputFormat = .table

    func send(_ decision: String, _ connection: ConnectionOptions) async throws {
        try await connection.run { client in
            let view = try await client.send(
                .POST, "approvals/\(CollectorClient.escape(approval))/\(decision)", body: DecisionBody(reason: reason),
                as: ApprovalView.self)
            guard output == .table else { return print(try JSONOutput.text(view)) }
            print(Terminal.safe("\(view.state.rawValue): \(view.text)"))
        }
    }
}

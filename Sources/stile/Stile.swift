import ArgumentParser

/// The command for people: it checks policy, reads evidence, decides approvals and runs the product on a laptop.
@main
struct Stile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stile",
        abstract: "Check policy, read evidence, decide approvals, and run agents behind the sidecar.",
        subcommands: [
            PolicyCommand.self,
            RunCommand.self,
            TokenCommand.self,
            CertsCommand.self,
            SessionsCommand.self,
            ApprovalsCommand.self,
            RevocationsCommand.self,
        ]
    )
}

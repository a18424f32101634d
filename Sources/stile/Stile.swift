import ArgumentParser
import Sidecar

/// The command for people: it checks policy, reads evidence, decides approvals and runs the product on a laptop.
@main
struct Stile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stile",
        abstract: "Check policy, read evidence, decide approvals, and run agents behind the sidecar.",
        version: SidecarVersion.current,
        subcommands: [
            PolicyCommand.self,
            RunCommand.self,
            MCPCommand.self,
            TokenCommand.self,
            CertsCommand.self,
            SessionsCommand.self,
            ApprovalsCommand.self,
            RevocationsCommand.self,
        ]
    )
}

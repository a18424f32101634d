import ArgumentParser
import Foundation
import Sidecar

/// Runs an MCP server over standard streams, with a sidecar between it and whoever started this.
struct MCPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mcp",
        abstract: "Run an MCP server behind a sidecar: stile mcp --policy DIR -- COMMAND",
        discussion: """
            In place of the command in a client's configuration. The client speaks to this process's standard streams, the \
            command has others, and every line between them is judged by the policy's resource with 'protocol: mcp' and \
            'upstream: stdio'. A sidecar and a collector start in this process, as of 'stile run'; the evidence stays in --state.
            """)

    @Option(help: ArgumentHelp("Policy YAML, a directory of it, or a compiled bundle.", valueName: "dir"))
    var policy: String

    @Option(help: "The resource; may be left out when the policy has one over standard streams.")
    var resource: String?

    @Option(
        help: ArgumentHelp(
            "Where evidence and keys are kept (~/.local/state/stile/mcp-RESOURCE, mcp-server when none is named).",
            valueName: "dir"))
    var state: String?

    @Option(help: ArgumentHelp("A file with the agent's token (or the token in STILE_TOKEN).", valueName: "file"))
    var tokenFile: String?

    @Option(help: ArgumentHelp("Where the audit API is served; port 0: any.", valueName: "host:port"))
    var http = "127.0.0.1:0"

    @Argument(parsing: .postTerminator, help: "The command and its arguments.")
    var command: [String] = []

    func run() async throws {
        try await Fault.reporting {
            guard !command.isEmpty else { throw Fault(.usage, "nothing to run: stile mcp --policy DIR -- COMMAND") }
            let laptop = try await Laptop.start(
                policy: policy, state: try stateDirectory(), api: http, label: "stile.mcp")
            // Clients show, or keep, what servers write there.
            StandardError.write(laptop.evidence + "\n")
            var failure: (any Error)?
            do {
                try await serve(laptop.sidecar)
            } catch let error as SidecarError {
                failure = Fault(ExitCode(error.code.exitCode), "\(error)")
            } catch {
                failure = error
            }
            await laptop.stop()
            if let failure { throw failure }
        }
    }

    private func serve(_ sidecar: Sidecar) async throws {
        let (near, far) = try StreamSockets.pair()
        let (child, server) = try StreamSockets.pair()
        let process: pid_t
        do {
            var environment = ProcessInfo.processInfo.environment
            // The agent's token is not the server's.
            environment["STILE_TOKEN"] = nil
            environment["STILE_TOKEN_FILE"] = nil
            process = try ChildProcess.start(command, stream: child, environment: environment)
        } catch {
            for descriptor in [near, far, server, child] { close(descriptor) }
            throw error
        }
        close(child)
        StreamSockets.carry(near)
        defer { ChildProcess.end(process) }
        try await sidecar.serveMCP(
            resource: resource, client: far, server: server, token: try AgentToken.read(tokenFile))
    }

    /// Servers run side by side, each with a folder of its own.
    private func stateDirectory() throws(Fault) -> String {
        if let state { return try RunCommand.stateDirectory(state) }
        return try RunCommand.stateDirectory(
            try RunCommand.stateDirectory(nil) + "/mcp-" + (resource ?? "server"))
    }
}

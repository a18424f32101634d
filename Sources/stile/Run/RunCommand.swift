import ArgumentParser
import Collector
import Foundation
import PolicyCompiler
import ServiceLifecycle
import Sidecar

/// Runs a command behind a sidecar and a collector of its own, in one process, for as long as the command runs.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a command behind a sidecar: stile run --policy DIR -- psql",
        discussion: """
            A sidecar and a collector start in this process, on free ports of this machine. The command finds the \
            database through PGHOST, PGPORT and PGPASSWORD (the token of --token-file or STILE_TOKEN); a second resource \
            is found through STILE_<NAME>_HOST and STILE_<NAME>_PORT, a service over HTTP through STILE_<NAME>_URL, and a forward proxy through HTTP_PROXY, HTTPS_PROXY and the variables that say whom to trust. Both end with the command, whose exit code is \
            passed on. The evidence stays in --state.
            """
    )

    @Option(help: ArgumentHelp("Policy YAML, a directory of it, or a compiled bundle.", valueName: "dir"))
    var policy: String

    @Option(help: ArgumentHelp("Where evidence and keys are kept (~/.local/state/stile).", valueName: "dir"))
    var state: String?

    @Option(help: ArgumentHelp("A file with the agent's token (or the token in STILE_TOKEN).", valueName: "file"))
    var tokenFile: String?

    @Option(help: ArgumentHelp("Where the audit API is served; port 0: any.", valueName: "host:port"))
    var http = "127.0.0.1:7480"

    @Flag(help: "Say nothing about where things are.")
    var quiet = false

    @Argument(parsing: .postTerminator, help: "The command and its arguments.")
    var command: [String] = []

    func run() async throws {
        try await Fault.reporting {
            guard !command.isEmpty else { throw Fault(.usage, "nothing to run: stile run --policy DIR -- COMMAND") }
            let laptop = try await Laptop.start(
                policy: policy, state: try Self.stateDirectory(state), api: http, label: "stile.run")
            if !quiet { say(laptop) }
            let status: Int32
            do {
                status = try await ChildProcess.run(command, environment: try environment(for: laptop))
            } catch {
                await laptop.stop()
                throw error
            }
            await laptop.stop()
            guard status == 0 else { throw ExitCode(status) }
        }
    }

    static func stateDirectory(_ state: String?) throws(Fault) -> String {
        let environment = ProcessInfo.processInfo.environment
        let named =
            state ?? environment["XDG_STATE_HOME"].map { $0 + "/stile" }
            ?? environment["HOME"].map { $0 + "/.local/state/stile" }
        guard let named else {
            throw Fault(.configuration, "--state is missing, and there is no HOME to put it in")
        }
        // What is printed of it is good from any directory.
        let directory = URL(fileURLWithPath: named).path
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Fault(.cannotCreate, "\(directory) cannot be made: name another with --state")
        }
        return directory
    }

    /// What the command finds in its environment: libpq's names for the first database by name, Stile's for each.
    private func environment(for laptop: Laptop) throws(Fault) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        var hasDatabase = false
        var proxies: [(address: String, trustFile: String?)] = []
        for (name, address) in laptop.addresses.sorted(by: { $0.key < $1.key }) {
            guard let colon = address.lastIndex(of: ":") else { continue }
            let host = String(address[..<colon])
            let port = String(address[address.index(after: colon)...])
            let key = String(name.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
            environment["STILE_\(key)_HOST"] = host
            environment["STILE_\(key)_PORT"] = port
            if laptop.webServices.contains(name) {
                environment["STILE_\(key)_URL"] = "http://\(host):\(port)"
            } else if let trust = laptop.proxies[name] {
                proxies.append((address, trust))
            } else if !hasDatabase {
                hasDatabase = true
                environment["PGHOST"] = host
                environment["PGPORT"] = port
            }
        }
        if let token = try AgentToken.read(tokenFile) {
            environment["PGPASSWORD"] = token
            environment["STILE_AGENT_TOKEN"] = token
        }
        if let proxy = proxies.first {
            let variables = ProxyEnvironment.variables(
                address: proxy.address, trustFile: proxy.trustFile, token: environment["PGPASSWORD"],
                javaOptions: environment["JAVA_TOOL_OPTIONS"])
            environment.merge(variables) { $1 }
        }
        environment["STILE_COLLECTOR"] = "http://\(laptop.api)"
        // The owner's key to the evidence is not the agent's.
        environment["STILE_TOKEN"] = nil
        environment["STILE_TOKEN_FILE"] = nil
        return environment
    }

    private func say(_ laptop: Laptop) {
        var lines = laptop.addresses.sorted { $0.key < $1.key }.map { "stile: \($0.key) is on \($0.value)" }
        lines.append(laptop.evidence)
        FileHandle.standardError.write(Data((lines.joined(separator: "\n") + "\n").utf8))
    }
}

import ArgumentParser
import Foundation
import Logging
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
        help: ArgumentHelp("Where evidence and keys are kept (~/.local/state/stile/mcp-RESOURCE).", valueName: "dir"))
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
            LoggingSystem.bootstrap { label in
                var handler = StreamLogHandler.standardError(label: label)
                handler.logLevel = .error
                return handler
            }
            do {
                let laptop = try await Laptop.start(
                    policy: policy, state: try stateDirectory(), api: http,
                    logger: Logger(label: "stile.mcp"))
                var failure: (any Error)?
                do { try await serve(laptop.sidecar) } catch { failure = error }
                await laptop.stop()
                if let failure { throw failure }
            } catch let error as SidecarError {
                throw Fault(ExitCode(error.code.exitCode), "\(error)")
            }
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
            process = try StreamSockets.start(command, on: child, environment: environment)
        } catch {
            for descriptor in [near, far, server, child] { close(descriptor) }
            throw error
        }
        close(child)
        StreamSockets.carry(near)
        defer {
            kill(process, SIGTERM)
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
        }
        try await sidecar.serveMCP(resource: resource, client: far, server: server, token: try token())
    }

    /// Servers run side by side, each with a folder of its own.
    private func stateDirectory() throws(Fault) -> String {
        if let state { return try RunCommand.stateDirectory(state) }
        return try RunCommand.stateDirectory(
            try RunCommand.stateDirectory(nil) + "/mcp-" + (resource ?? "server"))
    }

    private func token() throws(Fault) -> String? {
        if let tokenFile {
            guard let data = FileManager.default.contents(atPath: tokenFile) else {
                throw Fault(.noInput, "the token file \(tokenFile) cannot be read")
            }
            return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return ProcessInfo.processInfo.environment["STILE_TOKEN"]
    }
}

/// Sockets in the place of pipes, which one poller may watch both ways.
enum StreamSockets {
    /// - Returns: two ends, the first of them for blocking calls, the second not.
    static func pair() throws(Fault) -> (blocking: Int32, other: Int32) {
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Fault(.cannotCreate, "no pair of sockets: \(String(cString: strerror(errno)))")
        }
        _ = fcntl(ends[1], F_SETFL, fcntl(ends[1], F_GETFL) | O_NONBLOCK)
        return (ends[0], ends[1])
    }

    /// Starts a program whose standard input and output are a socket.
    static func start(
        _ command: [String], on descriptor: Int32, environment: [String: String]
    ) throws(Fault) -> pid_t {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, descriptor, 0)
        posix_spawn_file_actions_adddup2(&actions, descriptor, 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var child: pid_t = 0
        let failure = posix_spawnp(&child, command[0], &actions, &attributes, &arguments, &variables)
        guard failure == 0 else {
            throw Fault(.noInput, "\(command[0]) cannot be run: \(String(cString: strerror(failure)))")
        }
        return child
    }

    /// Carries this process's standard input to a socket and what comes from it to the standard output, until either ends.
    static func carry(_ descriptor: Int32) {
        signal(SIGPIPE, SIG_IGN)
        Thread.detachNewThread {
            copy(from: 0, to: descriptor)
            shutdown(descriptor, Int32(SHUT_WR))
        }
        Thread.detachNewThread {
            copy(from: descriptor, to: 1)
            close(1)
        }
    }

    private static func copy(from source: Int32, to target: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(source, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            var written = 0
            while written < count {
                let more = buffer[written..<count].withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
                if more < 0, errno == EINTR { continue }
                guard more > 0 else { return }
                written += more
            }
        }
    }
}

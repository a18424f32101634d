import Foundation
import Glibc
import Synchronization

/// What a program that ended left behind.
public struct CommandResult: Sendable {
    public var status: Int32
    public var output: String
    public var errors: String
}

public struct CommandFailed: Error, CustomStringConvertible {
    public var description: String

    public init(description: String) { self.description = description }
}

/// A program that a test starts: its output goes to files, so that nothing is lost and no pipe fills.
///
/// It is ended with the value that stands for it, and so is what it started and left running: it leads a process group. Foundation's
/// Process is not used: many of them started at once crash it.
public final class Command: Sendable {
    public let processID: Int32
    public let outputFile: String
    public let errorFile: String
    private let folder: TemporaryFolder
    private let name: String
    /// `waitpid`'s status, once it has ended.
    private let ending = Mutex<Int32?>(nil)

    /// - Parameter arguments: what env(1) takes: its options, then the program, found on PATH unless it has a slash.
    public init(_ arguments: [String], environment: [String: String] = [:], input: String? = nil) throws {
        let folder = try TemporaryFolder("stile-command")
        self.folder = folder
        name = arguments.joined(separator: " ")
        outputFile = folder["out"]
        errorFile = folder["err"]
        let inputFile = try input.map { try folder.write($0, to: "in") } ?? "/dev/null"

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, inputFile, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputFile, O_WRONLY | O_CREAT, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, errorFile, O_WRONLY | O_CREAT, 0o644)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setpgroup(&attributes, 0)
        // The threads that tests run on block signals, and what they start would inherit that: SIGTERM would end no program that
        // does not ask for it.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

        var variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        variables[TestRun.variable] = try TestRun.folder()
        var argumentPointers: [UnsafeMutablePointer<CChar>?] = (["env"] + arguments).map { strdup($0) } + [nil]
        var variablePointers: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argumentPointers + variablePointers { free(pointer) } }
        var child: pid_t = 0
        let failure = posix_spawn(
            &child, "/usr/bin/env", &actions, &attributes, &argumentPointers, &variablePointers)
        guard failure == 0 else {
            throw CommandFailed(description: "\(name): \(String(cString: strerror(failure)))")
        }
        processID = child
    }

    deinit {
        guard status == nil else { return }
        kill(-processID, SIGKILL)
        var status: Int32 = 0
        waitpid(processID, &status, 0)
    }

    /// The exit status, or 128 and the signal's number; `nil` while it runs.
    private var status: Int32? {
        ending.withLock { ending in
            if ending == nil {
                // Before it is waited for: until then nobody else can have the number.
                var information = siginfo_t()
                let options = WEXITED | WNOHANG | WNOWAIT
                guard waitid(P_PID, id_t(processID), &information, options) == 0, information.si_signo == SIGCHLD else {
                    return nil
                }
                kill(-processID, SIGKILL)
                var status: Int32 = 0
                if waitpid(processID, &status, 0) == processID {
                    let signal = status & 0x7F
                    ending = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
                }
            }
            return ending
        }
    }

    public var isRunning: Bool { status == nil }

    public var output: String { (try? String(contentsOfFile: outputFile, encoding: .utf8)) ?? "" }
    public var errors: String { (try? String(contentsOfFile: errorFile, encoding: .utf8)) ?? "" }

    /// To the program; SIGKILL goes to what it started, too.
    public func signal(_ number: Int32) {
        if isRunning { kill(number == SIGKILL ? -processID : processID, number) }
    }

    /// Waits for the program to end by itself; kills it at the limit and throws.
    public func result(within limit: Duration = .seconds(60)) async throws -> CommandResult {
        do {
            let status = try await eventually("a program that was started ends", within: limit) { () -> Int32? in
                self.status
            }
            return CommandResult(status: status, output: output, errors: errors)
        } catch {
            signal(SIGKILL)
            throw CommandFailed(description: "\(name) did not end within \(limit)\n\(errors)")
        }
    }

    /// SIGTERM, and its end.
    @discardableResult
    public func stop(within limit: Duration = .seconds(20)) async throws -> CommandResult {
        signal(SIGTERM)
        return try await result(within: limit)
    }

    /// SIGKILL, and its end.
    public func kill9() async throws {
        signal(SIGKILL)
        _ = try await result()
    }

    /// Starts a program, waits for its end, and gives what it printed.
    public static func run(
        _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
        within limit: Duration = .seconds(60)
    ) async throws -> CommandResult {
        try await Command(arguments, environment: environment, input: input).result(within: limit)
    }
}

import Glibc
import TestKit
import Testing

/// Lets statements wait in the server until a test says that they may go on.
struct Gate {
    /// A call that returns when the gate is open.
    static let pass = "pg_advisory_lock_shared(4711)"
    private let holder: Conversation

    init(_ holder: Conversation) async throws {
        self.holder = holder
        holder.say("SELECT pg_advisory_lock(4711); SELECT 'cl' || 'osed';")
        try await holder.heard("closed")
    }

    func open() { holder.say("SELECT pg_advisory_unlock(4711);") }
}

/// An open psql that is told statements one at a time.
final class Conversation: Sendable {
    private let command: Command
    private let descriptor: Int32

    init(environment: [String: String], folder: TemporaryFolder) throws {
        let path = folder["fifo-\(UInt32.random(in: 0 ... .max))"]
        #expect(mkfifo(path, 0o600) == 0)
        command = try Command(
            ["--default-signal=INT", "sh", "-c", "exec psql -X -q -A -t -f \"$0\"", path], environment: environment)
        // Opened for both ends, so that opening does not wait for psql, nor psql see an end before its time.
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        #expect(descriptor >= 0)
    }

    deinit {
        close(descriptor)
        command.signal(SIGKILL)
    }

    func say(_ statement: String) {
        let bytes = Array((statement + "\n").utf8)
        #expect(bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == bytes.count)
    }

    var output: String { command.output }
    var errors: String { command.errors }
    var isOpen: Bool { command.isRunning }
    func interrupt() { command.signal(SIGINT) }

    func heard(_ text: String, within limit: Duration = .seconds(20)) async throws {
        try await eventually("psql prints \(text); it printed \(output) \(errors)", within: limit) {
            self.output.contains(text) || self.errors.contains(text)
        }
    }

    /// Whether it came before psql ended.
    func hears(_ text: String, within limit: Duration = .seconds(60)) async throws -> Bool {
        try await eventually("psql prints \(text) or ends; it printed \(output) \(errors)", within: limit) {
            self.output.contains(text) ? true : self.isOpen ? nil : self.output.contains(text)
        }
    }

    func ended(within limit: Duration = .seconds(20)) async throws {
        try await eventually("psql ends", within: limit) { !self.isOpen }
    }
}

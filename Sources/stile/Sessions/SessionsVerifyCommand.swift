import ArgumentParser
import Collector
import Foundation

struct SessionsExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a session's evidence, byte for byte, as JSON Lines that `verify` checks without a collector.")

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The session's id.")
    var session: String
    @Option(name: .shortAndLong, help: ArgumentHelp("Where to; standard output without.", valueName: "file"))
    var out: String?

    func run() async throws {
        try await connection.run { client in
            let handle = try open()
            try await client.lines("sessions/\(CollectorClient.escape(session))/export") { line in
                do {
                    try handle.write(contentsOf: Data((line + "\n").utf8))
                } catch {
                    throw Fault(.ioError, "\(out ?? "standard output") cannot be written")
                }
            }
        }
    }

    private func open() throws -> FileHandle {
        guard let out else { return .standardOutput }
        guard FileManager.default.createFile(atPath: out, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: out)
        else { throw Fault(.cannotCreate, "\(out) cannot be written") }
        return handle
    }
}

struct SessionsVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check a session's chain and signature; of an exported file, or of a session by its id.",
        discussion: """
            A file is checked on this machine from its bytes alone. With --authority, the signing certificate must come \
            from that authority; without it, the certificates in the file are taken as they are.

            Exit code 0: nothing is wrong. 65: something is. With --closed, a session without a signed close fails too.
            """)

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: ArgumentHelp("A file from `stile sessions export`, or a session's id.", valueName: "file|id"))
    var session: String
    @Option(help: ArgumentHelp("The authority of the sidecars' certificates, PEM.", valueName: "file"))
    var authority: String?
    @Flag(help: "Fail unless the session is closed with a good signature.")
    var closed = false
    @Option(help: "table or json.")
    var output: OutputFormat = .table

    func run() async throws {
        let isFile = FileManager.default.fileExists(atPath: session)
        try Fault.reporting {
            // A misspelt file is no reason to ask the collector for it.
            guard isFile || Identifiers.bytes(uuid: session) != nil else {
                throw Fault(.noInput, "\(session) is neither a file that is there nor a session's id")
            }
        }
        let result =
            isFile
            ? try await Fault.reporting { try await ExportedSession.verify(file: session, authority: authority) }
            : try await connection.run { client in
                try await client.get(
                    "sessions/\(CollectorClient.escape(session))/verify", as: VerificationView.self)
            }
        if output == .json {
            print(try JSONOutput.text(result))
        } else {
            show(result)
        }
        if !result.intact || (closed && !result.verified) { throw ExitCode.dataError }
    }

    private func show(_ result: VerificationView) {
        let verdict =
            result.verified
            ? "ok: the chain is whole, and its close carries a valid signature"
            : result.intact
                ? "ok so far: the chain is whole as far as it goes; its close is not here (yet)"
                : "NOT INTACT"
        print("session     \(result.sessionId)")
        print("records     \(result.records)")
        print("head        \(result.head)")
        print("signature   \(result.signature?.rawValue ?? "none yet")")
        print("result      \(verdict)")
        for problem in result.problems { print("  ! \(Terminal.safe(problem))") }
    }
}

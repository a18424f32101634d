import Foundation

/// A real PostgreSQL in a temporary folder, on a free port, ended with the value that stands for it.
public final class PostgresServer: Sendable {
    public enum Authentication: String, Sendable {
        case trust, password, md5
        case scram = "scram-sha-256"
    }

    public var port: Int { reserved.number }
    public let folder: TemporaryFolder
    /// The superuser's; tests talk to the server directly with these.
    public let superuser = "postgres"
    public let password = "only-the-sidecar-knows"
    private let reserved: LoopbackPort
    private let data: String

    /// - Parameters:
    ///   - authentication: what the server asks of TCP clients.
    ///   - tls: certificate and key files, PEM; the server speaks plain text without.
    ///   - settings: lines for postgresql.conf.
    public init(
        authentication: Authentication = .scram, tls: (certificate: String, key: String)? = nil,
        settings: [String] = []
    ) async throws {
        folder = try TemporaryFolder("stile-postgres")
        reserved = try LoopbackPort()
        data = folder["data"]
        let passwordFile = try folder.write(password, to: "password")
        try await Self.asServerUser(["chown", "-R", "postgres", folder.path], elevated: true)
        try await Self.asServerUser([
            Self.binary("initdb"), "-D", data, "-U", superuser, "--pwfile", passwordFile, "-E", "UTF8", "--locale",
            "C.UTF-8",
            "-A", authentication.rawValue, "--no-sync",
        ])
        var lines = [
            "listen_addresses = '127.0.0.1'", "port = \(port)", "unix_socket_directories = '\(folder.path)'",
            "fsync = off", "max_connections = 200", "wal_level = minimal", "max_wal_senders = 0",
            "password_encryption = '\(authentication == .md5 ? "md5" : "scram-sha-256")'",
        ]
        if let tls {
            for (from, to) in [(tls.certificate, "server.crt"), (tls.key, "server.key")] {
                try await Self.asServerUser(["cp", from, data + "/" + to], elevated: true)
                try await Self.asServerUser(["chown", "postgres", data + "/" + to], elevated: true)
                try await Self.asServerUser(["chmod", "600", data + "/" + to], elevated: true)
            }
            lines.append("ssl = on")
        }
        let configuration = try folder.write((lines + settings).joined(separator: "\n") + "\n", to: "extra.conf")
        try await Self.asServerUser(["cp", configuration, data + "/extra.conf"], elevated: true)
        try await Self.asServerUser(["chmod", "644", data + "/extra.conf"], elevated: true)
        try await Self.asServerUser(["sh", "-c", "echo \"include 'extra.conf'\" >> '\(data)/postgresql.conf'"])
        try await start()
        if authentication == .md5 {
            // initdb hashed the password before the configuration said how.
            _ = try await sql("ALTER USER postgres PASSWORD '\(password)'", viaSocket: true)
        }
    }

    deinit {
        // The first line of postmaster.pid is the server's process; SIGQUIT is its immediate shutdown. The file is the last
        // that it removes; before that its folder cannot be.
        let file = data + "/postmaster.pid"
        let lines = try? String(contentsOfFile: file, encoding: .utf8)
        guard let process = lines?.split(separator: "\n").first.flatMap({ pid_t($0) }), kill(process, SIGQUIT) == 0
        else {
            return
        }
        let deadline = ContinuousClock.now.advanced(by: .seconds(10))
        while access(file, F_OK) == 0, kill(process, 0) == 0, ContinuousClock.now < deadline { usleep(2_000) }
    }

    public func start() async throws {
        try await Self.asServerUser([
            Self.binary("pg_ctl"), "-D", data, "-l", folder.path + "/log", "-w", "-t", "30", "-s", "start",
        ])
    }

    /// `immediate` is what a crash looks like to clients.
    public func stop(mode: String = "immediate") async throws {
        try await Self.asServerUser([Self.binary("pg_ctl"), "-D", data, "-m", mode, "-w", "-s", "stop"])
    }

    /// Runs SQL directly, as the superuser, and gives psql's unaligned output.
    @discardableResult
    public func sql(_ text: String, database: String = "postgres", viaSocket: Bool = false) async throws -> String {
        var environment = ["PGPASSWORD": password, "PGOPTIONS": "", "PGSSLMODE": "prefer"]
        environment["PGHOST"] = "127.0.0.1"
        environment["PGPORT"] = String(port)
        if viaSocket {
            environment["PGHOST"] = folder.path
        }
        let result = try await Command.run(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", superuser, "-d", database, "-f", "-"],
            environment: environment, input: text, within: .seconds(120))
        guard result.status == 0 else { throw CommandFailed(description: "psql: \(result.errors)") }
        return result.output.trimmingCharacters(in: .newlines)
    }

    /// The server's own log.
    public var log: String { (try? String(contentsOfFile: folder.path + "/log", encoding: .utf8)) ?? "" }

    /// Path of a server program of the newest PostgreSQL that Debian's packages put here.
    public static func binary(_ name: String) -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let newest = versions.compactMap { Int($0) }.max() ?? 15
        return "\(root)/\(newest)/bin/\(name)"
    }

    /// The server refuses to run as root: as root, its programs run as the user that its package made.
    private static func asServerUser(_ arguments: [String], elevated: Bool = false) async throws {
        var arguments = arguments
        if getuid() == 0 {
            if !elevated { arguments = ["runuser", "-u", "postgres", "--"] + arguments }
        } else if elevated {
            if arguments[0] == "chown" { return }
        }
        let result = try await Command.run(arguments, within: .seconds(90))
        guard result.status == 0 else {
            throw CommandFailed(description: "\(arguments.joined(separator: " ")): \(result.errors)\(result.output)")
        }
    }
}

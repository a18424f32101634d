import ArgumentParser
import Foundation

/// Where the collector is, and who asks.
struct ConnectionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The collector's API (STILE_COLLECTOR; http://127.0.0.1:7480).", valueName: "url"))
    var collector: String?

    @Option(
        help: ArgumentHelp(
            "A file with your token (STILE_TOKEN_FILE, or the token itself in STILE_TOKEN).", valueName: "file"))
    var tokenFile: String?

    @Option(help: ArgumentHelp("The authority of the collector's certificate, PEM (STILE_CA).", valueName: "file"))
    var ca: String?

    /// Runs a command's body with a client, and ends with its fault said in one line.
    func run<Value>(_ body: (CollectorClient) async throws -> Value) async throws -> Value {
        try await Fault.reporting {
            let client = try makeClient(environment: ProcessInfo.processInfo.environment)
            do {
                let value = try await body(client)
                try await client.shutdown()
                return value
            } catch {
                try? await client.shutdown()
                throw error
            }
        }
    }

    private func makeClient(environment: [String: String]) throws(Fault) -> CollectorClient {
        let url = collector ?? environment["STILE_COLLECTOR"] ?? "http://127.0.0.1:7480"
        guard let parsed = URL(string: url), let scheme = parsed.scheme, let host = parsed.host, !host.isEmpty,
            scheme == "http" || scheme == "https"
        else {
            throw Fault(.configuration, "the collector's address \"\(url)\" is not a URL such as http://127.0.0.1:7480")
        }
        // A bearer token in clear on a network is anybody's.
        guard scheme == "https" || host == "localhost" || host == "::1" || host.hasPrefix("127.") else {
            throw Fault(.configuration, "\(url): a token is sent over plain HTTP to this machine only; use https")
        }
        return try CollectorClient(url: url, token: try token(environment), authority: ca ?? environment["STILE_CA"])
    }

    private func token(_ environment: [String: String]) throws(Fault) -> String {
        if tokenFile == nil, let token = environment["STILE_TOKEN"], !token.isEmpty { return token }
        guard let path = tokenFile ?? environment["STILE_TOKEN_FILE"] else {
            throw Fault(
                .configuration, "no token: set STILE_TOKEN, or name a file with --token-file or STILE_TOKEN_FILE")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Fault(.noInput, "the token file \(path) cannot be read")
        }
        let token = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !token.isEmpty else { throw Fault(.dataError, "the token file \(path) is empty") }
        return token
    }
}

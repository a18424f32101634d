import Policy
import PolicyCompiler
import Testing

/// Resources that are APIs: where they are, and how the sidecar signs in to them.
@Suite struct HTTPResourceTests {
    private func model(_ keys: String) throws -> Resource {
        let text = "apiVersion: stile.dev/v1\nkind: Policy\nresources:\n  api: { protocol: http, \(keys) }\n"
        let checked = try PolicyCompiler.check(files: [
            PolicySource(name: "base.yaml", text: soundBase), PolicySource(name: "p.yaml", text: text),
        ])
        return try #require(checked.model.resources.first { $0.name == "api" })
    }

    private func said(_ keys: String, protocol: String = "http") -> [String] {
        diagnostics("resources:\n  api: { protocol: \(`protocol`), listen: 127.0.0.1:8081, \(keys) }\n")
    }

    @Test(arguments: [
        ("https://api.internal", "api.internal:443", Resource.UpstreamTLS.verifyFull),
        ("https://API.internal:8443", "api.internal:8443", .verifyFull),
        ("http://127.0.0.1", "127.0.0.1:80", .disable),
        ("HTTP://localhost:8080", "localhost:8080", .disable),
        ("'https://[fd00::1]'", "[fd00::1]:443", .verifyFull),
        ("'http://[::1]:81'", "[::1]:81", .disable),
    ])
    func `an upstream is a URL, and its scheme says whether the way is encrypted`(
        url: String, address: String, tls: Resource.UpstreamTLS
    ) throws {
        let resource = try model("listen: 127.0.0.1:8081, upstream: \(url)")
        #expect(resource.protocolName == .http)
        #expect(resource.upstream == address)
        #expect(resource.tls == tls)
    }

    @Test func `tls says less than https where it is told to`() throws {
        let keys = "listen: 127.0.0.1:8081, upstream: https://localhost, tls:"
        #expect(try model("\(keys) verify-ca").tls == .verifyCA)
        #expect(try model("\(keys) require").tls == .require)
        #expect(try model("listen: 127.0.0.1:8081, upstream: http://localhost, tls: disable").tls == .disable)
    }

    @Test(arguments: [
        (
            "api.internal",
            "'api.internal' does not say whether the way is encrypted; did you mean 'https://api.internal'?"
        ),
        ("api:8080", "'api:8080' does not say whether the way is encrypted; did you mean 'http://api:8080'?"),
        ("ftp://api", "'ftp' is not spoken here; as in 'https://api.internal'"),
        (
            "https://ann:secret@api",
            "a URL holds no user name and no password here; name their files under 'credentials'"
        ),
        (
            "https://api/v1",
            "the URL has a path, and what is asked for is each request's own; write 'https://api'"
        ),
        ("https://api/", "the URL has a path, and what is asked for is each request's own; write 'https://api'"),
        (
            "https://api?key=1",
            "the URL has more than a host and a port, and what is asked for is each request's own; write 'https://api'"
        ),
        ("https://api:0", "'https://api:0' names no host, or no port that there is; as in 'https://api.internal:8443'"),
        ("'https://'", "'https://' names no host, or no port that there is; as in 'https://api.internal:8443'"),
        ("https:///x", "'https:///x' names no host, or no port that there is; as in 'https://api.internal:8443'"),
        (
            "'https://a b'",
            "'https://a b' names no host, or no port that there is; as in 'https://api.internal:8443'"
        ),
        ("/run/api.sock", "'/run/api.sock' is no URL; as in 'https://api.internal'"),
    ])
    func `a URL with anything besides scheme, host and port is refused with the mend`(url: String, expected: String) {
        #expect(said("upstream: \(url)") == ["p.yaml:4:60: error: upstream: \(expected)"])
    }

    @Test func `a database is named by host and port`() {
        #expect(
            said("upstream: http://db", protocol: "postgres") == [
                "p.yaml:4:64: error: upstream: 'http://db' is a URL; write host and port alone, as in 'db.internal:5432'"
            ])
    }

    @Test func `scheme and tls may not disagree`() {
        #expect(
            said("upstream: https://api, tls: disable") == [
                "p.yaml:4:78: error: 'tls: disable' says that the way is not encrypted, and 'https://' that it is; leave 'tls' out, or write 'http://' in 'upstream'"
            ])
        #expect(
            said("upstream: http://localhost, tls: verify-full") == [
                "p.yaml:4:83: error: 'tls: verify-full' says that the way is encrypted, and 'http://' that it is not; write 'https://' in 'upstream', or leave 'tls' out"
            ])
    }

    @Test func `a way that anybody can listen on is warned of, and nothing checks a certificate on it`() {
        #expect(
            said("upstream: http://api, caFile: /ca.pem") == [
                "p.yaml:4:60: warning: over plain http whoever is on the way to api:80 can read and answer; write 'https://…'",
                "p.yaml:4:80: error: 'caFile' is not used: nothing checks the certificate; write 'https://…', or leave 'caFile' out",
            ])
    }

    @Test func `the sidecar signs in by one way`() throws {
        let keys = "listen: 127.0.0.1:8081, upstream: https://api, credentials:"
        #expect(try model("\(keys) { bearerFile: /t }").bearerFile == "/t")
        let basic = try model("\(keys) { usernameFile: /u, passwordFile: /p }")
        #expect(basic.usernameFile == "/u")
        #expect(basic.passwordFile == "/p")
        let field = try model("\(keys) { headerName: X-Api-Key, headerFile: /k }")
        #expect(field.headerName == "X-Api-Key")
        #expect(field.headerFile == "/k")
        #expect(try model("listen: 127.0.0.1:8081, upstream: https://api").bearerFile == nil)
    }

    @Test(arguments: [
        (
            "{ headerFile: /k, bearerFile: /t, headerName: X }",
            [
                "error: there is one way to sign in, and here are 'headerFile' and 'bearerFile'; keep 'bearerFile', or 'usernameFile' and 'passwordFile', or 'headerName' and 'headerFile', or 'oauth'",
                "note: 'headerFile' is here",
            ]
        ),
        ("{ usernameFile: /u }", ["error: 'usernameFile' needs 'passwordFile' beside it; add 'passwordFile'"]),
        ("{ passwordFile: /u }", ["error: 'passwordFile' needs 'usernameFile' beside it; add 'usernameFile'"]),
        ("{ headerFile: /u }", ["error: 'headerFile' needs 'headerName' beside it; add 'headerName'"]),
        (
            "{ headerName: 'X Key', headerFile: /k }",
            ["error: headerName: 'X Key' is no name of a header field; as in 'X-Api-Key', without the ':'"]
        ),
        (
            "{ headerName: hOst, headerFile: /k }",
            [
                "error: headerName: 'hOst' is for the connection and its framing, which the sidecar sees to; name the field that the upstream expects its key in, as 'Authorization' or 'X-Api-Key'"
            ]
        ),
    ])
    func `credentials that could be read in two ways are refused`(credentials: String, expected: [String]) {
        let lines = said("upstream: https://api, credentials: \(credentials)").map { line in
            String(line.drop { $0 != " " }.dropFirst())
        }
        #expect(lines == expected)
    }

    @Test(arguments: [
        "Connection", "Keep-Alive", "TE", "Trailer", "Upgrade", "Proxy-Authorization", "Host", "Content-Length",
        "Content-Type", "Transfer-Encoding", "Expect",
    ])
    func `a credential is no field that frames or routes`(name: String) {
        let lines = said("upstream: https://api, credentials: { headerName: \(name), headerFile: /k }")
        #expect(lines.count == 1)
        #expect(lines.first?.contains("is for the connection and its framing") == true)
    }

    @Test func `each protocol has keys of its own`() {
        #expect(
            said("upstream: https://api, databases: [a]") == [
                "p.yaml:4:73: error: 'databases' belongs to 'protocol: postgres'; leave it out; rules say what may be asked for ('where')"
            ])
        #expect(
            said("upstream: 'b:1', credentials: { usernameFile: /u, bearerFile: /t }", protocol: "postgres") == [
                "p.yaml:4:104: error: 'bearerFile' belongs to 'protocol: http'; PostgreSQL takes 'usernameFile' and 'passwordFile'"
            ])
        #expect(
            said("upstream: 'b:1', credentials: { passwordFile: /u }", protocol: "postgres") == [
                "p.yaml:4:84: error: credentials needs 'usernameFile'; the user name, on one line"
            ])
    }

    @Test func `a resource is not its own upstream, whatever its URL looks like`() {
        #expect(
            said("upstream: http://localhost:8081") == [
                "p.yaml:4:50: error: 'api' is its own upstream; name the address of the server"
            ])
    }

    @Test func `a summary names the upstream by its URL`() throws {
        let text =
            "apiVersion: stile.dev/v1\nkind: Policy\nresources:\n"
            + "  api: { protocol: http, listen: 127.0.0.1:8081, upstream: https://api.internal }\n"
        let checked = try PolicyCompiler.check(files: [
            PolicySource(name: "base.yaml", text: soundBase), PolicySource(name: "p.yaml", text: text),
        ])
        #expect(
            PolicySummary.text(of: checked.model).contains(
                "api: 127.0.0.1:8081 → https://api.internal:443, TLS verify-full\n"))
    }

    @Test func `a bundle keeps what a policy says of an API`() throws {
        let text =
            "apiVersion: stile.dev/v1\nkind: Policy\nresources:\n"
            + "  a: { protocol: http, listen: 127.0.0.1:8081, upstream: https://a, credentials: { bearerFile: /t } }\n"
            + "  b: { protocol: http, listen: 127.0.0.1:8082, upstream: 'http://[::1]', credentials: { headerName: K, headerFile: /k } }\n"
        let compiled = try PolicyCompiler.compile(files: [
            PolicySource(name: "base.yaml", text: soundBase), PolicySource(name: "p.yaml", text: text),
        ])
        let bundle = try PolicyBundle(validating: compiled.bundle)
        #expect(bundle.model == compiled.model.normalized())
        #expect(bundle.resource(named: "b")?.headerName == "K")
    }
}

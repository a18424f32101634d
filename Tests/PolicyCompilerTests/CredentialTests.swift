import Policy
import PolicyCompiler
import Testing

/// How a policy says that the sidecar shows a certificate, and fetches tokens.
@Suite struct CredentialTests {
    private static let oauth = "oauth: { tokenURL: 'https://id.example/token', clientIDFile: /i, clientSecretFile: /s }"

    private func model(_ credentials: String, upstream: String = "https://api", protocol: String = "http") throws
        -> Resource
    {
        let text =
            "apiVersion: stile.dev/v1\nkind: Policy\nresources:\n"
            + "  api: { protocol: \(`protocol`), listen: 127.0.0.1:8081, upstream: \(upstream), credentials: \(credentials) }\n"
        let files = [PolicySource(name: "base.yaml", text: soundBase), PolicySource(name: "p.yaml", text: text)]
        let compiled = try PolicyCompiler.compile(files: files)
        // What a bundle keeps is what was said.
        let bundle = try PolicyBundle(validating: compiled.bundle)
        #expect(bundle.model == compiled.model.normalized())
        return try #require(bundle.resource(named: "api"))
    }

    private func said(_ credentials: String, upstream: String = "https://api", protocol: String = "http") -> [String] {
        diagnostics(
            "resources:\n  api: { protocol: \(`protocol`), listen: 127.0.0.1:8081, upstream: \(upstream), credentials: \(credentials) }\n"
        ).map { line in String(line.drop { $0 != " " }.dropFirst()) }
    }

    @Test(arguments: [
        "", "bearerFile: /t, ", "usernameFile: /u, passwordFile: /p, ", "headerName: K, headerFile: /k, ",
        oauth + ", ",
    ])
    func `a certificate is shown alone, or beside any other credential`(other: String) throws {
        for (name, upstream) in [("http", "https://api"), ("mcp", "https://api/mcp")] {
            let resource = try model(
                "{ \(other)certificateFile: /c, keyFile: /k }", upstream: upstream, protocol: name)
            #expect(resource.clientCertificateFile == "/c")
            #expect(resource.clientKeyFile == "/k")
        }
    }

    @Test func `how a token is fetched is kept, scopes in an order of their own`() throws {
        let resource = try model(
            """
            { oauth: { tokenURL: "http://127.0.0.1:9/token?a=b", clientIDFile: /i, clientSecretFile: /s, scopes: [write, "api://x/.default", write],
            audience: "https://api", } }
            """.replacing("\n", with: " "))
        #expect(
            resource.oauth
                == OAuthClient(
                    tokenURL: "http://127.0.0.1:9/token?a=b", clientIDFile: "/i", clientSecretFile: "/s",
                    scopes: ["api://x/.default", "write"], audience: "https://api"))
        #expect(try model("{ \(Self.oauth) }").oauth?.scopes == [])
    }

    @Test(arguments: [
        ("{ certificateFile: /c }", "error: 'certificateFile' needs 'keyFile' beside it; add 'keyFile'"),
        ("{ keyFile: /c }", "error: 'keyFile' needs 'certificateFile' beside it; add 'certificateFile'"),
        (
            "{ oauth: { clientIDFile: /i, clientSecretFile: /s } }",
            "error: 'oauth' needs 'tokenURL'; the token endpoint: `https://…`; plain `http://` on loopback alone"
        ),
        (
            "{ oauth: { tokenURL: 'https://a/t', clientIDFile: /i } }",
            "error: 'oauth' needs 'clientSecretFile'; the client's secret, on one line"
        ),
        (
            "{ oauth: { tokenURL: 'https://a/t', clientIDFile: /i, clientSecretFile: /s, scopes: 'a b' } }",
            "error: scopes: 'a b' is more than one scope; write a list: [a, b]"
        ),
        (
            "{ oauth: { tokenURL: 'https://a/t', clientIDFile: /i, clientSecretFile: /s, scopes: 'ä' } }",
            "error: scopes: 'ä' is no scope; ASCII without spaces, quotes and backslashes"
        ),
        (
            "{ oauth: { tokenURL: 'http://localhost/t', clientIDFile: /i, clientSecretFile: /s, caFile: /a } }",
            "error: 'caFile' is not used: nothing checks the certificate; write 'https://…' in 'tokenURL', or leave 'caFile' out"
        ),
    ])
    func `what is half said is refused with the mend`(credentials: String, expected: String) {
        #expect(said(credentials) == [expected])
    }

    @Test(arguments: [
        ("ftp://a/t", "'ftp://a/t' is no URL of a token endpoint; as in 'https://login.example.com/oauth2/token'"),
        ("a.example/t", "'a.example/t' is no URL of a token endpoint; as in 'https://login.example.com/oauth2/token'"),
        ("https:///t", "'https:///t' is no URL of a token endpoint; as in 'https://login.example.com/oauth2/token'"),
        (
            "https://a/t t",
            "'https://a/t t' is no URL of a token endpoint; as in 'https://login.example.com/oauth2/token'"
        ),
        (
            "https://ann:secret@a/t",
            "a URL holds no user name and no password here; name their files in 'clientIDFile' and 'clientSecretFile'"
        ),
        (
            "https://a/t#x",
            "'https://a/t#x' has a fragment, which a token endpoint never has; leave out what begins at the '#'"
        ),
        (
            "http://id.example/t",
            "'http://id.example/t' is not encrypted, so whoever is on the way could read the client's secret; write 'https://id.example/t'; plain http is for loopback alone"
        ),
    ])
    func `a token endpoint is a URL that nobody listens in on`(url: String, expected: String) {
        #expect(
            said("{ oauth: { tokenURL: '\(url)', clientIDFile: /i, clientSecretFile: /s } }") == [
                "error: tokenURL: \(expected)"
            ])
    }

    @Test func `a token and another credential are two ways to sign in`() {
        #expect(
            said("{ bearerFile: /t, \(Self.oauth) }") == [
                "error: there is one way to sign in, and here are 'bearerFile' and 'oauth'; keep 'bearerFile', or 'usernameFile' and 'passwordFile', or 'headerName' and 'headerFile', or 'oauth'",
                "note: 'bearerFile' is here",
            ])
    }

    @Test func `without TLS no certificate is shown`() {
        #expect(
            said("{ certificateFile: /c, keyFile: /k }", upstream: "http://localhost") == [
                "error: 'certificateFile' is not used: the way to the upstream has no TLS; write 'https://…' in 'upstream', or leave 'certificateFile' out",
                "error: 'keyFile' is not used: the way to the upstream has no TLS; write 'https://…' in 'upstream', or leave 'keyFile' out",
            ])
    }

    @Test func `neither is of databases, of a forward proxy or of a program`() {
        let database = said(
            "{ usernameFile: /u, certificateFile: /c, keyFile: /k, \(Self.oauth) }", upstream: "'b:1'",
            protocol: "postgres")
        #expect(
            database
                == ["certificateFile", "keyFile", "oauth"].map {
                    "error: '\($0)' belongs to 'protocol: http'; PostgreSQL takes 'usernameFile' and 'passwordFile'"
                })
        for keys in ["certificateFile: /c, keyFile: /k", Self.oauth] {
            let egress = diagnostics(
                "resources:\n  web: { protocol: egress, listen: 127.0.0.1:8081, credentials: { \(keys) } }\n")
            #expect(egress.count == 1)
            #expect(egress.first?.contains("'credentials' says nothing of 'protocol: egress'") == true)
            let program = said("{ \(keys) }", upstream: "stdio", protocol: "mcp")
            #expect(program.count == 1)
            #expect(program.first?.contains("'credentials' says nothing of a program's standard input") == true)
        }
    }
}

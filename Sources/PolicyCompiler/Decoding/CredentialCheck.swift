import Policy

/// Holds the credentials of an API against each other: one way to sign in, all that it takes, and TLS where it is needed.
enum CredentialCheck {
    /// What PostgreSQL does not know.
    static let keysOfHTTP = ["bearerFile", "headerName", "headerFile", "certificateFile", "keyFile", "oauth"]

    /// The ways to sign in, each with the keys that it takes. A certificate is shown beside any of them, or alone.
    private static let ways = [
        ["bearerFile"], ["usernameFile", "passwordFile"], ["headerName", "headerFile"], ["oauth"],
    ]
    private static let certificate = ["certificateFile", "keyFile"]

    /// - Parameter upstream: The resource's, as it is written.
    static func run(_ credentials: CheckedObject, upstream: String?, into sink: inout DiagnosticSink) {
        checkWays(credentials, into: &sink)
        checkCertificate(credentials, upstream: upstream, into: &sink)
        if let oauth = credentials.object("oauth") { checkAuthority(oauth, into: &sink) }
    }

    private static func checkWays(_ credentials: CheckedObject, into sink: inout DiagnosticSink) {
        let present = ways.map { keys in keys.filter { credentials.fields[$0] != nil } }.filter { !$0.isEmpty }
        guard present.count < 2 else {
            let places = present.compactMap { way in
                way.map { (key: $0, place: credentials.keyLocation($0)) }.min { $0.place < $1.place }
            }.sorted { $0.place < $1.place }
            sink.error(
                "there is one way to sign in, and here are '\(places[0].key)' and '\(places[1].key)'",
                at: places[1].place,
                suggestion:
                    "keep 'bearerFile', or 'usernameFile' and 'passwordFile', or 'headerName' and 'headerFile', or 'oauth'",
                notes: [.init(location: places[0].place, message: "'\(places[0].key)' is here")])
            return
        }
        guard !credentials.isFaulty else { return }
        for keys in ways + [certificate] {
            let missing = keys.filter { credentials.fields[$0] == nil }
            guard missing.count < keys.count, let key = missing.first, let other = keys.first(where: { $0 != key })
            else { continue }
            sink.error(
                "'\(other)' needs '\(key)' beside it", at: credentials.keyLocation(other),
                suggestion: "add '\(key)'")
        }
    }

    /// A certificate is shown in TLS, and without TLS to nobody.
    private static func checkCertificate(
        _ credentials: CheckedObject, upstream: String?, into sink: inout DiagnosticSink
    ) {
        guard let upstream, let scheme = upstream.firstRange(of: "://"),
            upstream[..<scheme.lowerBound].lowercased() == "http"
        else { return }
        for key in certificate where credentials.fields[key] != nil {
            sink.error(
                "'\(key)' is not used: the way to the upstream has no TLS", at: credentials.keyLocation(key),
                suggestion: "write 'https://…' in 'upstream', or leave '\(key)' out")
        }
    }

    private static func checkAuthority(_ oauth: CheckedObject, into sink: inout DiagnosticSink) {
        guard let url = oauth.string("tokenURL")?.value, url.hasPrefix("http://"), oauth.fields["caFile"] != nil
        else { return }
        sink.error(
            "'caFile' is not used: nothing checks the certificate", at: oauth.keyLocation("caFile"),
            suggestion: "write 'https://…' in 'tokenURL', or leave 'caFile' out")
    }
}

import Policy

/// Holds a resource's keys against its protocol: which of them it knows, and what they must look like there.
enum ResourceCheck {
    static func run(_ source: CheckedObject, into sink: inout DiagnosticSink) {
        // Without a protocol nothing can be said of the rest.
        guard let word = source.string("protocol") else { return checkAnyUpstream(source, into: &sink) }
        switch ResourceBuilder.protocolName(word.value) {
        case .postgres: checkPostgres(source, into: &sink)
        case .http: checkHTTP(source, takesPath: false, into: &sink)
        case .egress: checkEgress(source, into: &sink)
        case .mcp: checkMCP(source, into: &sink)
        }
        checkKeys(source, ResourceBuilder.protocolName(word.value), into: &sink)
        guard source.fields["toolPins"] != nil, ResourceBuilder.protocolName(word.value) != .mcp else { return }
        sink.error(
            "'toolPins' belongs to 'protocol: mcp'", at: source.keyLocation("toolPins"), suggestion: "leave it out")
    }

    private static func checkMCP(_ source: CheckedObject, into sink: inout DiagnosticSink) {
        _ = CallBuilder.pins(source) { fault, place in
            sink.error("toolPins: \(fault.message)", at: place, suggestion: fault.suggestion)
        }
        for key in ["profile", "linkHosts"] where source.fields[key] != nil {
            sink.error(
                "'\(key)' belongs to 'protocol: http'", at: source.keyLocation(key), suggestion: "leave it out")
        }
        guard source.string("upstream")?.value == ResourceBuilder.standardStreams else {
            return checkHTTP(source, takesPath: true, into: &sink)
        }
        for key in ["tls", "caFile", "credentials", "listenTLS", "databases"] where source.fields[key] != nil {
            sink.error(
                "'\(key)' says nothing of a program's standard input and output", at: source.keyLocation(key),
                suggestion: "leave it out")
        }
    }

    private static func checkAnyUpstream(_ source: CheckedObject, into sink: inout DiagnosticSink) {
        guard let upstream = source.string("upstream"), !upstream.value.contains("://") else { return }
        report(TextFaults.upstreamAddress(upstream.value), "upstream", at: upstream.location, into: &sink)
    }

    private static func checkPostgres(_ source: CheckedObject, into sink: inout DiagnosticSink) {
        if let upstream = source.string("upstream") {
            report(TextFaults.upstreamAddress(upstream.value), "upstream", at: upstream.location, into: &sink)
        }
        for key in ["profile", "linkHosts"] where source.fields[key] != nil {
            sink.error(
                "'\(key)' belongs to 'protocol: http'", at: source.keyLocation(key), suggestion: "leave it out")
        }
        guard let credentials = source.object("credentials") else { return }
        for key in CredentialCheck.keysOfHTTP where credentials.fields[key] != nil {
            sink.error(
                "'\(key)' belongs to 'protocol: http'", at: credentials.keyLocation(key),
                suggestion: "PostgreSQL takes 'usernameFile' and 'passwordFile'")
        }
        if credentials.fields["usernameFile"] == nil, !credentials.isFaulty {
            sink.error(
                "credentials needs 'usernameFile'", at: credentials.location,
                suggestion: "the user name, on one line")
        }
    }

    private static func checkHTTP(
        _ source: CheckedObject, takesPath: Bool, into sink: inout DiagnosticSink
    ) {
        if let upstream = source.string("upstream") {
            do throws(TextKind.Fault) {
                checkTLS(source, of: try UpstreamURL(upstream.value, takesPath: takesPath), into: &sink)
            } catch {
                report(error, "upstream", at: upstream.location, into: &sink)
            }
        }
        if source.fields["databases"] != nil {
            sink.error(
                "'databases' belongs to 'protocol: postgres'", at: source.keyLocation("databases"),
                suggestion: "leave it out; rules say what may be asked for ('where')")
        }
        if source.fields["linkHosts"] != nil, source.fields["profile"] == nil {
            sink.error(
                "'linkHosts' says nothing without 'profile'", at: source.keyLocation("linkHosts"),
                suggestion: "add 'profile', or leave it out")
        }
        if let credentials = source.object("credentials") {
            CredentialCheck.run(credentials, upstream: source.string("upstream")?.value, into: &sink)
        }
    }

    /// Keys that one protocol needs, and others do not know.
    private static func checkKeys(
        _ source: CheckedObject, _ protocolName: Resource.ProtocolName, into sink: inout DiagnosticSink
    ) {
        if protocolName != .egress, source.fields["upstream"] == nil, !source.isFaulty {
            sink.error("a resource needs 'upstream'", at: source.location, suggestion: "where it really is")
        }
        if protocolName != .egress, source.fields["trustFile"] != nil {
            sink.error(
                "'trustFile' belongs to 'protocol: egress'", at: source.keyLocation("trustFile"),
                suggestion: "leave it out")
        }
    }

    private static func checkEgress(_ source: CheckedObject, into sink: inout DiagnosticSink) {
        let foreign = [
            ("upstream", "leave it out; rules say where requests may go ('hosts')"),
            ("tls", "leave it out; certificates are always verified"),
            ("credentials", "leave it out; what the agent says to a service goes on as it is"),
            ("databases", "leave it out; rules say what may be asked for ('where')"),
            ("profile", "leave it out; a model's API is a resource of its own, with 'protocol: http'"),
            ("linkHosts", "leave it out; a model's API is a resource of its own, with 'protocol: http'"),
        ]
        for (key, mend) in foreign where source.fields[key] != nil {
            sink.error("'\(key)' says nothing of 'protocol: egress'", at: source.keyLocation(key), suggestion: mend)
        }
    }

    private static func checkTLS(_ source: CheckedObject, of url: UpstreamURL, into sink: inout DiagnosticSink) {
        guard let tls = source.string("tls") else { return }
        if url.isEncrypted, tls.value == "disable" {
            sink.error(
                "'tls: disable' says that the way is not encrypted, and 'https://' that it is", at: tls.location,
                suggestion: "leave 'tls' out, or write 'http://' in 'upstream'")
        } else if !url.isEncrypted, tls.value != "disable" {
            sink.error(
                "'tls: \(tls.value)' says that the way is encrypted, and 'http://' that it is not", at: tls.location,
                suggestion: "write 'https://' in 'upstream', or leave 'tls' out")
        }
    }

    private static func report(
        _ fault: TextKind.Fault?, _ key: String, at place: SourceLocation, into sink: inout DiagnosticSink
    ) {
        guard let fault else { return }
        sink.error("\(key): \(fault.message)", at: place, suggestion: fault.suggestion)
    }
}

import Policy

/// Makes resources and masks of checked objects.
enum ResourceBuilder {
    /// - Returns: `nil` when something that it needs was at fault.
    static func resource(_ name: String, from source: CheckedObject) -> Resource? {
        guard !source.isFaulty, let listen = source.string("listen")?.value,
            let word = source.string("protocol")?.value
        else { return nil }
        let protocolName = protocolName(word)
        // A forward proxy has none.
        guard var upstream = protocolName == .egress ? "" : source.string("upstream")?.value else { return nil }
        var tls = tls(source.string("tls")?.value)
        var path = ""
        if protocolName == .mcp, upstream == Self.standardStreams {
            (upstream, tls) = ("", .disable)
        } else if protocolName == .http || protocolName == .mcp {
            guard let url = try? UpstreamURL(upstream, takesPath: protocolName == .mcp) else { return nil }
            upstream = url.hostPort
            if protocolName == .mcp { path = url.path }
            if !url.isEncrypted { tls = .disable }
        }
        let credentials = source.object("credentials")
        let listenTLS = source.object("listenTLS")
        return Resource(
            name: name, protocolName: protocolName, listen: listen, upstream: upstream, tls: tls,
            caFile: source.string("caFile")?.value,
            listenCertificateFile: listenTLS?.string("certificateFile")?.value,
            listenKeyFile: listenTLS?.string("keyFile")?.value,
            usernameFile: credentials?.string("usernameFile")?.value,
            passwordFile: credentials?.string("passwordFile")?.value,
            bearerFile: credentials?.string("bearerFile")?.value,
            headerName: credentials?.string("headerName")?.value,
            headerFile: credentials?.string("headerFile")?.value,
            tokenFile: source.string("tokenFile")?.value, databases: source.values("databases"),
            trustFile: source.string("trustFile")?.value, upstreamPath: path, toolPins: CallBuilder.pins(source),
            profile: profile(source.string("profile")?.value),
            linkHosts: Set(source.values("linkHosts").map { $0.lowercased() }).sorted(),
            clientCertificateFile: credentials?.string("certificateFile")?.value,
            clientKeyFile: credentials?.string("keyFile")?.value, oauth: oauth(credentials?.object("oauth")))
    }

    private static func oauth(_ source: CheckedObject?) -> OAuthClient? {
        guard let source, let tokenURL = source.string("tokenURL")?.value,
            let clientIDFile = source.string("clientIDFile")?.value,
            let clientSecretFile = source.string("clientSecretFile")?.value
        else { return nil }
        return OAuthClient(
            tokenURL: tokenURL, clientIDFile: clientIDFile, clientSecretFile: clientSecretFile,
            scopes: source.values("scopes").sorted(), audience: source.string("audience")?.value,
            caFile: source.string("caFile")?.value)
    }

    private static func profile(_ word: String?) -> Resource.Profile? {
        switch word {
        case "openai": .openai
        case "anthropic": .anthropic
        default: nil
        }
    }

    static func protocolName(_ word: String?) -> Resource.ProtocolName {
        switch word {
        case "http": .http
        case "egress": .egress
        case "mcp": .mcp
        default: .postgres
        }
    }

    /// The upstream of a resource that is a program's standard input and output.
    static let standardStreams = "stdio"

    private static func tls(_ word: String?) -> Resource.UpstreamTLS {
        switch word {
        case "disable": .disable
        case "require": .require
        case "verify-ca": .verifyCA
        default: .verifyFull
        }
    }

    static func mask(_ source: CheckedObject) -> Mask {
        switch source.string("mask")?.value {
        case "null": return .null
        case "hash": return .hash
        case .some: return .redact
        case nil: break
        }
        guard let object = source.object("mask") else { return .redact }
        if let text = object.string("fixed")?.value { return .fixed(text) }
        if let count = object.integer("keepFirst") { return .keepFirst(UInt16(clamping: count)) }
        if let count = object.integer("keepLast") { return .keepLast(UInt16(clamping: count)) }
        switch object.string("truncateDate")?.value {
        case "year": return .truncateDate(.year)
        case "month": return .truncateDate(.month)
        case "day": return .truncateDate(.day)
        default: return .redact
        }
    }
}

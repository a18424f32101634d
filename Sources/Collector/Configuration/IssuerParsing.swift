public import Identity

extension IssuerConfiguration {
    /// Reads `URL,AUDIENCE` and what may follow: `,groups=CLAIM`, `,jwks=FILE`, `,ca=FILE`, `,skew=SECONDS`.
    ///
    /// - Throws: ``CollectorError`` that names the text.
    init(parsing text: String) throws(CollectorError) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2, parts[0].hasPrefix("https://") || parts[0].hasPrefix("http://"), !parts[1].isEmpty
        else {
            throw CollectorError(
                .configuration,
                "issuer \"\(text)\" is not of the form URL,AUDIENCE, such as https://login.example.com,stile")
        }
        self.init(url: parts[0], audience: parts[1])
        for part in parts.dropFirst(2) {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2 else {
                throw CollectorError(.configuration, "issuer \"\(text)\": \"\(part)\" is not of the form KEY=VALUE")
            }
            switch pair[0] {
            case "groups": groupsClaim = pair[1]
            case "jwks": jwksFile = pair[1]
            case "ca": caFile = pair[1]
            case "skew":
                guard let seconds = Int64(pair[1]), (0...Self.maximumClockSkew).contains(seconds) else {
                    throw CollectorError(
                        .configuration,
                        "issuer \"\(text)\": skew is a number of seconds from 0 to \(Self.maximumClockSkew)")
                }
                clockSkewSeconds = seconds
            default:
                throw CollectorError(
                    .configuration,
                    "issuer \"\(text)\": there is no \"\(pair[0])\"; there are groups, jwks, ca and skew")
            }
        }
    }
}

extension CollectorConfiguration {
    /// Reads issuers, each with its JWK set in a file if there is one at its place.
    ///
    /// - Throws: ``CollectorError`` that names the text.
    public static func issuers(
        parsing texts: [String], jwksFiles: [String]
    ) throws(CollectorError) -> [IssuerConfiguration] {
        guard jwksFiles.count <= texts.count else {
            throw CollectorError(.configuration, "there are more JWK sets than issuers")
        }
        guard !texts.isEmpty else {
            throw CollectorError(
                .configuration, "--issuer URL,AUDIENCE is missing (or STILE_COLLECTOR_ISSUER): nobody could use the API"
            )
        }
        var issuers: [IssuerConfiguration] = []
        for (index, text) in texts.enumerated() {
            var issuer = try IssuerConfiguration(parsing: text)
            if index < jwksFiles.count { issuer.jwksFile = jwksFiles[index] }
            issuers.append(issuer)
        }
        return issuers
    }
}

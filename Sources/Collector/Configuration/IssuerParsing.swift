public import Identity

extension IssuerConfiguration {
    /// Reads `URL,AUDIENCE` and what may follow: `,groups=CLAIM`, `,jwks=FILE`, `,ca=FILE`, `,skew=SECONDS`.
    ///
    /// - Throws: ``CollectorError`` that names the text.
    public init(parsing text: String) throws(CollectorError) {
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

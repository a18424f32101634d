import Policy

/// The tables of every key that a policy may hold.
enum PolicyShapes {
    static let apiVersion = "stile.dev/v1"

    static let document = ObjectShape(
        title: "a policy", path: "",
        purpose: """
            A policy is a directory of YAML files, merged: which file holds which section, and in which order, never \
            matters. Every file says `apiVersion` and `kind`; the rest is where it reads best.
            """,
        keys: [
            KeyShape("apiVersion", .constant(apiVersion), required: true, "The version of this language."),
            KeyShape("kind", .constant("Policy"), required: true, "What the document is."),
            KeyShape("metadata", .object(metadata), "What the policy is called."),
            KeyShape("identity", .object(identity), "Whose word is taken for who somebody is."),
            KeyShape(
                "resources", .map(MapShape(noun: "resource", value: resource)),
                "What stands behind the sidecar, by name."),
            KeyShape(
                "classifications", .map(MapShape(noun: "classification", value: classification)),
                "The kinds of sensitive data, by name: where it lives, how it is recognised, how it is masked."),
            KeyShape(
                "detectors", .map(MapShape(noun: "detector", value: detector)),
                "Detectors of your own, by name, beside the built-in ones."),
            KeyShape(
                "rules", .sequence(of: .object(RuleShapes.rule)), "Who may do what. What no rule allows is denied."),
            KeyShape(
                "budgets", .sequence(of: .object(BudgetShapes.budget)), "How much of some data a person may be shown."),
            KeyShape("record", .object(record), "What the records of a session hold."),
            KeyShape("masks", .object(masks), "What masks need."),
        ])

    static let metadata = ObjectShape(
        title: "metadata", path: "metadata",
        purpose: "Of several files one must name the policy, and all that do must agree.",
        keys: [
            KeyShape("name", .text(.name), "The policy's name, as records and metrics show it."),
            KeyShape("description", .text(.prose), "For people."),
        ])

    static let identity = ObjectShape(
        title: "identity", path: "identity", purpose: "Nobody is let in whose token none of these issuers signed.",
        keys: [
            KeyShape(
                "issuers", .sequence(of: .object(issuer)), required: true,
                "The OpenID providers whose tokens are accepted.")
        ])

    static let issuer = ObjectShape(
        title: "an issuer", path: "identity.issuers[]", purpose: "An OpenID provider.",
        keys: [
            KeyShape(
                "url", .text(.issuerURL), required: true,
                "The token's `iss`, exactly. Its keys are found through `/.well-known/openid-configuration`."),
            KeyShape("audience", .text(.exact), required: true, "What the token's `aud` must name."),
            KeyShape(
                "groupsClaim", .text(.claimPath), absent: "`groups`",
                "The claim that lists groups, as in `realm_access.roles`."),
            KeyShape(
                "jwksFile", .text(.filePath), absent: "discovery",
                "A JWK set on the sidecar's file system, in place of discovery."),
            KeyShape(
                "caFile", .text(.filePath), absent: "the system's",
                "A PEM bundle that the issuer's certificate must chain to."),
            KeyShape("clockSkew", .duration(0...300), absent: "`30s`", "How far the issuer's clock may be off."),
        ])

    static let resource = ObjectShape(
        title: "a resource", path: "resources.NAME",
        purpose: "Something behind the sidecar, and where the agent finds it.",
        keys: [
            KeyShape(
                "protocol",
                .choice([
                    Choice(name: "postgres", meaning: "PostgreSQL 12 and later, and what speaks its protocol"),
                    Choice(name: "http", meaning: "an API over HTTP"),
                    Choice(name: "egress", meaning: "a forward proxy: whatever rules say, over HTTP and HTTPS"),
                    Choice(
                        name: "mcp",
                        meaning: "an MCP server, over streamable HTTP or a program's standard input and output"),
                ]),
                required: true, "What is spoken on both sides."),
            KeyShape(
                "listen", .text(.listenAddress), required: true,
                "Where the agent connects: loopback or a Unix socket, nothing else."),
            KeyShape(
                "upstream", .text(.upstreamAddress),
                "Where it really is: of http a URL without a path, of mcp the endpoint's URL, or `stdio` for a program that `stile mcp` starts. Not of egress."
            ),
            KeyShape(
                "tls",
                .choice([
                    Choice(name: "verify-full", meaning: "the certificate must be sound and name the upstream's host"),
                    Choice(name: "verify-ca", meaning: "the certificate must be sound"),
                    Choice(name: "require", meaning: "encrypted, to whoever answers"),
                    Choice(name: "disable", meaning: "not encrypted"),
                ]), absent: "`verify-full`; `disable` where `upstream` is `http://…`",
                "How the way to the upstream is protected."),
            KeyShape(
                "caFile", .text(.filePath), absent: "the system's",
                "A PEM bundle that the upstream's certificate must chain to. Of egress beside the system's."),
            KeyShape("credentials", .object(credentials), absent: "none", "What only the sidecar knows."),
            KeyShape(
                "listenTLS", .object(listenTLS), absent: "the agent is told that there is no TLS",
                "TLS towards the agent."),
            KeyShape(
                "tokenFile", .text(.filePath),
                absent: "the token is what the agent gives as password, or as bearer token",
                "A file with the agent's token, such as the pod's own identity. It is read again when it changes."),
            KeyShape(
                "databases", .list(of: .text(.exact)), absent: "any",
                "The only databases that a session may name. Of postgres."),
            KeyShape(
                "trustFile", .text(.filePath),
                absent: "nothing is written, and the agent trusts nothing that is opened",
                "Of egress: where the sidecar writes the certificate of the authority that it opens TLS with, which it makes when it starts, and behind it all that it trusts itself. The agent's programs are to trust this file."
            ),
            KeyShape(
                "toolPins", .anything, absent: "the first that this sidecar saw of each tool",
                "Of mcp: the fingerprint that a tool must have, by its name. A tool with another is `changedTool`."),
            KeyShape(
                "profile",
                .choice([
                    Choice(
                        name: "openai", meaning: "chat completions, completions and responses, or what is compatible"),
                    Choice(name: "anthropic", meaning: "messages"),
                ]), absent: "nothing but HTTP is known of it",
                "What a model's API is, of http: what it says in deltas is looked into as the text that they make, and links in it go nowhere but to `linkHosts`."
            ),
            KeyShape(
                "linkHosts", .list(of: .text(.hostPattern)), absent: "none",
                "The hosts that links and images in what a model says may lead to: `docs.example.com`, or `*.example.com`."
            ),
        ])

    static let credentials = ObjectShape(
        title: "credentials", path: "resources.NAME.credentials",
        purpose: """
            Files on the sidecar's file system, read again when they change. PostgreSQL takes `usernameFile`, and \
            `passwordFile` with it. HTTP takes `bearerFile`, or `usernameFile` and `passwordFile`, or `headerName` and \
            `headerFile`, or `oauth`, and beside any of them or alone `certificateFile` and `keyFile`; what the agent sent to \
            say who it is never goes on.
            """,
        keys: [
            KeyShape("usernameFile", .text(.filePath), "The user name, on one line."),
            KeyShape(
                "passwordFile", .text(.filePath), absent: "no password is given",
                "The password, on one line. Of PostgreSQL, one that SASLprep (RFC 4013) may change is refused: special spaces, "
                    + "invisible or composed characters, ligatures, wide forms."),
            KeyShape(
                "bearerFile", .text(.filePath), "A token, on one line, that is sent as `Authorization: Bearer`."),
            KeyShape("headerName", .text(.fieldName), "The header field in which the upstream expects its key."),
            KeyShape("headerFile", .text(.filePath), "What that field says, on one line."),
            KeyShape(
                "certificateFile", .text(.filePath),
                "The certificate that an upstream over `https://` is shown in TLS, in PEM, with its chain behind it."),
            KeyShape("keyFile", .text(.filePath), "Its private key, in PEM and not encrypted."),
            KeyShape(
                "oauth", .object(oauth), absent: "no token is fetched",
                "Where the sidecar fetches a token that it sends as `Authorization: Bearer`."),
        ])

    static let oauth = ObjectShape(
        title: "'oauth'", path: "resources.NAME.credentials.oauth",
        purpose: """
            The client credentials grant of OAuth 2.0 (RFC 6749 §4.4). The sidecar says who it is by `client_secret_basic`, keeps the \
            token, and has the next one before it ends.
            """,
        keys: [
            KeyShape(
                "tokenURL", .text(.tokenURL), required: true,
                "The token endpoint: `https://…`; plain `http://` on loopback alone."),
            KeyShape("clientIDFile", .text(.filePath), required: true, "The client's identifier, on one line."),
            KeyShape("clientSecretFile", .text(.filePath), required: true, "The client's secret, on one line."),
            KeyShape(
                "scopes", .list(of: .text(.scope)), absent: "what the server gives by default", "What is asked for."),
            KeyShape(
                "audience", .text(.exact), absent: "it is not said",
                "Whom the token is for, where the server wants to be told."),
            KeyShape(
                "caFile", .text(.filePath), absent: "the system's",
                "A PEM bundle that the token endpoint's certificate must chain to."),
        ])

    static let listenTLS = ObjectShape(
        title: "listenTLS", path: "resources.NAME.listenTLS", purpose: "What the agent is shown when it asks for TLS.",
        keys: [
            KeyShape("certificateFile", .text(.filePath), required: true, "The certificate chain, in PEM."),
            KeyShape("keyFile", .text(.filePath), required: true, "The private key, in PEM."),
        ])

    static let classification = ObjectShape(
        title: "a classification", path: "classifications.NAME",
        purpose: "A kind of sensitive data. It needs columns, detectors or keys of JSON.",
        keys: [
            KeyShape("columns", .list(of: .text(.columnPattern)), "The columns that hold it."),
            KeyShape(
                "detectors", .list(of: .text(.name)),
                "Detectors that find it in the values of columns that nothing classifies."),
            KeyShape(
                "jsonKeys", .list(of: .text(.jsonKey)),
                "Keys under which it is found in JSON and hstore, at any depth, in values of columns that nothing classifies. What a statement takes out from under its key (`->>`) is masked by it; where the key cannot be told, it is redacted."
            ),
            KeyShape(
                "mask", .mask(words: maskWords, object: maskObject), absent: "`redact`",
                "What becomes of it in results."),
            KeyShape(
                "predicates", .choice(predicates), absent: "`lookup`",
                "What its columns may decide: which rows there are, in which order, whether there is an error."),
            KeyShape(
                "approval", .object(RuleShapes.approval),
                "Who may approve what `predicates: hold` holds, and how."),
            KeyShape(
                "aggregates", .object(aggregates),
                absent: "they are redacted, as all that is computed from its columns",
                "Which sums and averages of its columns pass."),
            KeyShape(
                "outbound", .choice(outbound), absent: "`deny`",
                "What becomes of what its detectors and `jsonKeys` find in requests to APIs: in path, query, fields and body. It says nothing of statements."
            ),
            KeyShape("on", .list(of: .text(.name)), absent: "all", "The resources that it holds for."),
            KeyShape("description", .text(.prose), "For people."),
        ])

    static let predicates = [
        Choice(name: "deny", meaning: "nothing: no condition, join, grouping, order, comparison or arithmetic"),
        Choice(name: "hold", meaning: "nothing until a person approves"),
        Choice(
            name: "lookup", meaning: "it may be compared by `=` with up to ten given values, and decide nothing else"),
        Choice(name: "allow", meaning: "anything"),
    ]

    static let outbound = [
        Choice(name: "deny", meaning: "the request is refused"),
        Choice(name: "mask", meaning: "it goes on as `mask` makes it"),
        Choice(name: "allow", meaning: "it goes on as it is"),
    ]

    static let aggregates = ObjectShape(
        title: "'aggregates'", path: "classifications.NAME.aggregates",
        purpose: """
            `sum(c)`, `avg(c)` and `count(DISTINCT c)` pass in rows of the result whose `count(c)`, which must stand beside \
            them, is large enough.
            """,
        keys: [
            KeyShape("minimumRows", .integer(2...1_000_000), required: true, "How many values they must be made of.")
        ])

    static let maskWords = [
        Choice(name: "redact", meaning: "a fixed stand-in that fits the column's type"),
        Choice(name: "null", meaning: "NULL"),
        Choice(
            name: "hash", meaning: "a keyed hash: equal values stay equal, and can be joined (needs `masks.keyFile`)"),
    ]

    static let maskObject = ObjectShape(
        title: "a mask", path: "classifications.NAME.mask",
        purpose:
            "`redact`, `null`, `hash`, or one of these keys. Where two classifications meet, the stricter mask counts.",
        keys: [
            KeyShape(
                "fixed", .text(.prose),
                "This text in place of every value; where the column's type cannot hold it, NULL."),
            KeyShape("keepFirst", .integer(1...64), "The first characters stay, the rest is starred out."),
            KeyShape("keepLast", .integer(1...64), "The last characters stay, the rest is starred out."),
            KeyShape(
                "truncateDate",
                .choice([
                    Choice(name: "year", meaning: "the year stays"),
                    Choice(name: "month", meaning: "year and month stay"),
                    Choice(name: "day", meaning: "the date stays, the time of day goes"),
                ]), "How much of a date stays."),
        ], exactlyOneOf: ["fixed", "keepFirst", "keepLast", "truncateDate"])

    static let detector = ObjectShape(
        title: "a detector", path: "detectors.NAME", purpose: "Finds values by a regular expression.",
        keys: [
            KeyShape(
                "pattern", .text(.regex), required: true,
                "A regular expression of the subset in [detectors.md](detectors.md), which never takes longer than linear time."
            ),
            KeyShape(
                "context", .list(of: .text(.exact)), absent: "none is needed",
                "Words of which one must stand near the match."),
            KeyShape("description", .text(.prose), "For people."),
        ])

    static let record = ObjectShape(
        title: "record", path: "record", purpose: "A value that is masked for the agent is masked in the record.",
        keys: [
            KeyShape(
                "statements",
                .choice([
                    Choice(name: "masked", meaning: "with sensitive literals masked"),
                    Choice(name: "none", meaning: "the text is not kept; its fingerprint is"),
                ]), absent: "`masked`", "The text of statements."),
            KeyShape(
                "responses",
                .choice([
                    Choice(name: "masked", meaning: "the rows as the agent got them"),
                    Choice(name: "none", meaning: "the rows are counted, not kept"),
                ]), absent: "`none`", "The rows that came back."),
            KeyShape(
                "maxResponseBytes", .bytes(0...(16 << 20)), absent: "`64KiB`", "How much of a response a record keeps."),
            KeyShape(
                "whenSpoolIsFull",
                .choice([
                    Choice(name: "deny", meaning: "the data path stops until records can be kept again"),
                    Choice(name: "allow", meaning: "it goes on, unrecorded"),
                ]), absent: "`deny`", "What happens when the collector is away for so long that the spool is full."),
        ])

    static let masks = ObjectShape(
        title: "masks", path: "masks", purpose: "",
        keys: [
            KeyShape(
                "keyFile", .text(.filePath), required: true,
                "The key of `hash` masks, on the sidecar's file system; it never enters a bundle.")
        ])
}

import Policy

/// The tables of a rule's keys.
enum RuleShapes {
    /// Names for several verbs at once.
    static let aliases: [(name: String, verbs: [Verb], meaning: String)] = [
        ("read", [.select], "select"),
        // TRUNCATE is a change of rows to PostgreSQL too (log_statement = mod), and a rule against writing that let it
        // pass would surprise.
        ("write", [.insert, .update, .delete, .merge, .truncate], "insert, update, delete, merge, truncate"),
        ("ddl", [.create, .alter, .drop], "create, alter, drop"),
        ("*", Verb.allCases, "every verb"),
    ]

    private static let verbMeanings: [Verb: String] = [
        .select: "rows are read; GET, HEAD, OPTIONS; a resource or a prompt is read", .insert: "rows are added",
        .update: "rows are changed; PUT, PATCH", .delete: "rows are deleted; DELETE",
        .merge: "MERGE", .truncate: "a table is emptied", .call: "CALL of a procedure; POST; a tool is called",
        .execute: "a DO block, or other code that arrives as text", .create: "CREATE", .alter: "ALTER", .drop: "DROP",
        .grant: "GRANT, REVOKE and whatever else changes who may do what",
        .maintain: "VACUUM, ANALYZE, REINDEX, CLUSTER, REFRESH, CHECKPOINT", .lock: "LOCK TABLE",
        .listen: "LISTEN, UNLISTEN",
        .notify: "NOTIFY", .session: "SET, SHOW, RESET, DISCARD of what is harmless (every allow rule implies it)",
        .transaction: "BEGIN, COMMIT, ROLLBACK, SAVEPOINT (every allow rule implies it)",
        .describe:
            "reading the server's own catalog, as `\\d` does; an MCP server's lists (every allow rule implies it)",
        .other: "anything that has no verb of its own; any other method",
    ]

    static let verbChoices: [Choice] =
        aliases.map { Choice(name: $0.name, meaning: $0.meaning) }
        + Verb.allCases.map { Choice(name: $0.name, meaning: verbMeanings[$0] ?? "\($0.name)") }

    /// - Returns: `nil` when `word` is neither a verb nor an alias.
    static func verbs(named word: String) -> [Verb]? {
        aliases.first { $0.name == word }?.verbs ?? Verb(name: word).map { [$0] }
    }

    private static let featureMeanings: [String: String] = [
        "unbounded": "a read with nothing that bounds it: no LIMIT and no column set equal to a value",
        "multipleStatements": "several statements in one text",
        "copy": "COPY", "explain": "EXPLAIN", "cursor": "a cursor", "returning": "RETURNING",
        "allColumns": "every column is asked for at once, by `*` or as a whole row",
        "predicate": "a classified column decides which rows come back, or in which order",
        "collects": "one value of the result may hold any number of rows: string_agg, array_agg, `ARRAY(SELECT …)`",
        "unparsable": "a statement that cannot be parsed",
        "unknownObject": "a table that the catalog does not know",
        "unknownLineage": "a result whose origin cannot be told",
        "serverFiles": "a file or a program of the server's",
        "secrets": "catalogs that hold secrets: pg_authid, pg_shadow, pg_hba_file_rules and their kin",
        "statistics": "statistics that quote values of columns: pg_stats and its kin",
        "otherSessions": "what other sessions ask: pg_stat_activity and its kin",
        "roleChange": "SET ROLE, SET SESSION AUTHORIZATION and their kin",
        "pinnedSetting": "a change to a setting that the judgement of statements relies on",
        "dynamicCode": "code that is not judged: DO, a function whose body is unknown",
        "largeObjects": "large objects: lo_get, lo_import and their kin",
        "foreignData": "data that lies elsewhere: dblink, foreign servers",
        "replication": "replication",
        "relabels": "a definition that gives a classified column another name: CREATE TABLE AS, CREATE VIEW, RENAME",
        "functionCall": "the protocol's function call message",
        "upgrade": "a request that offers another protocol",
        "range": "a request for a part of something",
        "upload": "a request that brings a file",
        "ambiguousPath":
            "a path about which servers disagree: `.` and `..`, `//`, `%2f`, `%5c`, `\\`, `;`, NUL, double encoding",
        "opaqueBody": "a body that cannot be looked into",
        "tunnel": "CONNECT to what is not looked into",
        "webSocket": "a request to go on as a WebSocket, over which either side sends what it likes",
        "changedTool": "a tool that is another than it was when it was pinned",
        "serverRequest": "what an MCP server asks of its client (sampling, elicitation, roots), and the answer",
        "privateAddress": "a host whose address is loopback, link-local or another that the Internet does not route",
    ]

    static func meaning(ofFeature name: String) -> String { featureMeanings[name] ?? "the feature `\(name)`" }

    private static let verbList = Shape.list(of: .choice(verbChoices))

    static let rule = ObjectShape(
        title: "a rule", path: "rules[]",
        purpose: """
            Deny beats hold, hold beats allow, and what nothing allows is denied; the order of rules never matters. A \
            rule applies when every key of it does.
            """,
        keys: [
            KeyShape("name", .text(.name), required: true, "Names the rule in records, messages and metrics."),
            KeyShape("allow", verbList, "The verbs that pass."),
            KeyShape("hold", verbList, "The verbs that wait until a person approves."),
            KeyShape("deny", verbList, "The verbs that are refused, whatever allows them."),
            KeyShape("on", .list(of: .text(.name)), absent: "all", "The resources that it is about."),
            KeyShape("to", .object(subjects), absent: "everybody whose token is accepted", "Whom it is about."),
            KeyShape("where", .object(condition), absent: "always", "What must be true of what is asked."),
            KeyShape(
                "vouch", .object(vouch), absent: "nothing", "What an allow rule answers for that is refused otherwise."),
            KeyShape("message", .text(.prose), "What the agent is told when the rule holds or denies."),
            KeyShape(
                "mode",
                .choice([
                    Choice(name: "enforce", meaning: "the rule decides"),
                    Choice(name: "observe", meaning: "records say what the rule would have done, and it does nothing"),
                ]), absent: "`enforce`", "Whether the rule acts."),
            KeyShape(
                "approval", .object(approval), "Who may approve what a hold rule holds, and how. Hold rules need it."),
            KeyShape("description", .text(.prose), "For people."),
        ], exactlyOneOf: ["allow", "hold", "deny"])

    static let subjects = ObjectShape(
        title: "'to'", path: "rules[].to",
        purpose: "Every key that is there must hold; within a key one entry is enough.",
        keys: [
            KeyShape("groups", .list(of: .text(.exact)), "The person is in one of these groups."),
            KeyShape("subjects", .list(of: .text(.glob)), "The token's `sub`."),
            KeyShape(
                "actors", .list(of: .text(.glob)),
                "Anybody who acts for the person (`act`, RFC 8693), such as the agent."),
        ])

    static let condition = ObjectShape(
        title: "'where'", path: "rules[].where",
        purpose: """
            Every key that is there must hold, for one and the same table or request; within a key one entry is \
            enough. `tables`, `columns` and `functions` are about statements, `methods`, `hosts`, `ports` and `paths` about \
            requests, and `tools`, `resources`, `prompts` and `arguments` about calls to an MCP server. Each feature is \
            `true` (it must be so) or `false` (it must not).
            """,
        keys: [
            KeyShape(
                "classification", .list(of: .text(.name)),
                "A column of one of these classifications is used, in whatever way."),
            KeyShape("tables", .list(of: .text(.objectPattern)), "The table is one of these."),
            KeyShape("columns", .list(of: .text(.columnPattern)), "One of these columns is used, in whatever way."),
            KeyShape(
                "functions", .list(of: .text(.functionPattern)),
                "One of these functions is called. Of deny and hold rules."),
            KeyShape("methods", .list(of: .text(.method)), "The request's method is one of these."),
            KeyShape("hosts", .list(of: .text(.hostPattern)), "The request goes to one of these hosts."),
            KeyShape(
                "ports", .list(of: .integer(1...65_535)),
                "The request goes to one of these ports. Of egress; an allow rule without it is about 80 and 443."),
            KeyShape("paths", .list(of: .text(.requestPathPattern)), "The request's path is one of these."),
        ] + CallShapes.keys
            + Features.named.map { KeyShape($0.name, .boolean, "\(meaning(ofFeature: $0.name).capitalizedFirst).") })

    static let vouch = ObjectShape(
        title: "'vouch'", path: "rules[].vouch",
        purpose: "Some things are refused even where a rule allows the table, unless that rule names them here.",
        keys: [
            KeyShape("functions", .list(of: .text(.functionPattern)), "Functions that are not known to be harmless."),
            KeyShape(
                "features",
                .list(
                    of: .choice(
                        Features.named.filter { Features.guarded.contains($0.feature) }.map {
                            Choice(name: $0.name, meaning: meaning(ofFeature: $0.name))
                        })), "Guarded features."),
        ])

    static let approval = ObjectShape(
        title: "'approval'", path: "rules[].approval",
        purpose: "Nobody approves their own request, whatever groups they are in.",
        keys: [
            KeyShape("by", .object(approvers), required: true, "Who may approve."),
            KeyShape(
                "within", .duration(1...86_400), absent: "`10m`", "How long a request waits before it is refused."),
            KeyShape(
                "mode",
                .choice([
                    Choice(name: "wait", meaning: "the statement waits, its connection kept alive"),
                    Choice(
                        name: "return",
                        meaning: "it is refused at once with the approval's id, and passes once when it is asked again"),
                ]), absent: "`wait`", "What the agent sees meanwhile."),
            KeyShape(
                "inTransaction",
                .choice([
                    Choice(name: "refuse", meaning: "as with `mode: return`, so that no lock is kept"),
                    Choice(name: "wait", meaning: "it waits, its locks held"),
                ]), absent: "`refuse`", "What happens inside an open transaction."),
        ])

    static let approvers = ObjectShape(
        title: "'by'", path: "rules[].approval.by", purpose: "",
        keys: [KeyShape("groups", .list(of: .text(.exact)), required: true, "An approver is in one of these groups.")])
}

extension String {
    /// With its first letter in upper case.
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

/// The settings that a client may bring with its start-up packet.
struct StartupSettings {
    private(set) var applicationName = ""
    /// Pinned ones first: whatever a client brings cannot come before them, and none of theirs has the same name.
    private(set) var parameters: [StartupParameter] = [
        StartupParameter(name: "client_encoding", value: "UTF8"),
        StartupParameter(name: "standard_conforming_strings", value: "on"),
    ]

    /// Settings that decide how values look, how long things may take and how plans are made, and nothing about who asks or
    /// what text means.
    private static let harmless: Set<String> = [
        "application_name", "bytea_output", "datestyle", "default_transaction_deferrable",
        "default_transaction_isolation", "default_transaction_read_only", "enable_seqscan", "enable_hashjoin",
        "enable_mergejoin", "enable_nestloop", "enable_indexscan", "enable_bitmapscan", "extra_float_digits", "geqo",
        "idle_in_transaction_session_timeout", "idle_session_timeout", "intervalstyle", "jit", "lc_messages",
        "lc_monetary", "lc_numeric", "lc_time", "lock_timeout", "plan_cache_mode", "random_page_cost", "search_path",
        "statement_timeout", "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count",
        "tcp_user_timeout", "timezone", "transaction_timeout", "work_mem", "synchronous_commit",
    ]

    mutating func take(name: String, value: String) throws(SessionFault) {
        let key = name.lowercased()
        switch key {
        case "client_encoding":
            let plain = value.lowercased().filter { $0 != "-" && $0 != "_" && $0 != "'" && $0 != "\"" }
            guard plain == "utf8" || plain == "unicode" || plain == "auto" else {
                throw SessionFault(
                    sqlState: "0A000", message: "The client's encoding must be UTF8 on this connection.",
                    hint: "Set PGCLIENTENCODING=UTF8, or the driver's encoding.", reason: "another client encoding")
            }
        case "standard_conforming_strings":
            guard ["on", "true", "1", "yes"].contains(value.lowercased()) else {
                throw SessionFault(
                    sqlState: "42501", message: "standard_conforming_strings must be on on this connection.")
            }
        case _ where StartupSettings.harmless.contains(key):
            if key == "application_name" { applicationName = value }
            parameters.append(StartupParameter(name: name, value: value))
        default:
            throw SessionFault(
                sqlState: "42501", message: "The setting \"\(name)\" cannot be given when connecting here.",
                hint: "Leave it out; SET it in the session, where policy can judge it.",
                reason: "a start-up setting that is not known to be harmless")
        }
    }

    /// Takes `-c name=value` and `--name=value`, with a backslash before a space that is part of a value.
    mutating func take(options: String) throws(SessionFault) {
        var words = StartupSettings.words(options)[...]
        while let word = words.popFirst() {
            let assignment: String
            if word == "-c", let next = words.popFirst() {
                assignment = next
            } else if word.hasPrefix("-c"), word.count > 2 {
                assignment = String(word.dropFirst(2))
            } else if word.hasPrefix("--") {
                assignment = String(word.dropFirst(2))
            } else {
                throw SessionFault(
                    sqlState: "42501", message: "Options may only set settings, as in \"-c statement_timeout=5s\".",
                    reason: "a start-up option that sets no setting")
            }
            let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw SessionFault(sqlState: "42601", message: "An option has no value.")
            }
            try take(name: String(parts[0]).replacing("-", with: "_"), value: String(parts[1]))
        }
    }

    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isEscaped = false
        for character in text.unicodeScalars {
            if isEscaped {
                word.unicodeScalars.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character.properties.isWhitespace {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.unicodeScalars.append(character)
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }
}

/// Which settings a session may change without anybody's leave.
enum Settings {
    /// What changing a setting means.
    ///
    /// - Parameter value: The new value where the statement tells it; nil for DEFAULT and for what is computed.
    static func hazards(ofSetting name: String, value: String?) -> Hazards {
        switch name {
        case "role", "session_authorization":
            return .roleChange
        case "client_encoding":
            // What every driver asks for, and what the session is pinned to.
            let plain = value?.lowercased().filter { $0 != "-" && $0 != "_" }
            return plain == "utf8" || plain == "unicode" ? [] : .pinnedSetting
        case "standard_conforming_strings":
            return isOn(value) ? [] : .pinnedSetting
        case "transform_null_equals":
            return isOff(value) ? [] : .pinnedSetting
        case "backslash_quote":
            return value?.lowercased() == "safe_encoding" ? [] : .pinnedSetting
        default:
            return isHarmless(name) ? [] : .pinnedSetting
        }
    }

    /// The name and value of a setting as a statement of its own may set it: search_path is followed by the session.
    static func isHarmless(_ name: String) -> Bool {
        harmless.contains(name) || (name.contains(".") && !guardedPrefixes.contains { name.hasPrefix($0) })
    }

    /// Reading these gives away a secret, where the role may read them at all.
    static let secretSettings: Set<String> = [
        "primary_conninfo", "ssl_passphrase_command", "archive_command", "restore_command", "hba_file", "ident_file",
        "ssl_key_file", "krb_server_keyfile", "archive_cleanup_command", "recovery_end_command",
    ]

    /// Whether a setting's value is no secret. Any text that is no setting's name is none.
    static func isReadable(_ name: String) -> Bool { !secretSettings.contains(name.lowercased()) }

    private static func isOn(_ value: String?) -> Bool {
        value.map { ["on", "true", "yes", "1"].contains($0.lowercased()) } ?? false
    }

    private static func isOff(_ value: String?) -> Bool {
        value.map { ["off", "false", "no", "0"].contains($0.lowercased()) } ?? false
    }

    /// Settings of extensions and of procedural languages that run code or load libraries. Other names with a dot are
    /// an application's own, and mean nothing to the server.
    private static let guardedPrefixes = [
        "plperl.", "plpython", "pltcl.", "plpgsql.", "auto_explain.", "pg_stat_statements.",
    ]

    private static let harmless: Set<String> = [
        "search_path", "application_name", "datestyle", "intervalstyle", "timezone", "timezone_abbreviations",
        "extra_float_digits", "bytea_output", "xmlbinary", "xmloption", "lc_monetary", "lc_numeric", "lc_time",
        "lc_messages", "client_min_messages", "default_text_search_config", "escape_string_warning",
        "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout",
        "transaction_timeout", "transaction_isolation", "transaction_read_only", "transaction_deferrable",
        "default_transaction_isolation", "default_transaction_read_only", "default_transaction_deferrable",
        "synchronous_commit", "work_mem", "maintenance_work_mem", "temp_buffers", "hash_mem_multiplier",
        "effective_cache_size", "random_page_cost", "seq_page_cost", "cpu_tuple_cost", "cpu_index_tuple_cost",
        "cpu_operator_cost", "parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size",
        "min_parallel_index_scan_size", "max_parallel_workers_per_gather", "max_parallel_workers",
        "default_statistics_target", "constraint_exclusion", "cursor_tuple_fraction", "from_collapse_limit",
        "join_collapse_limit", "plan_cache_mode", "effective_io_concurrency", "jit", "jit_above_cost",
        "jit_inline_above_cost", "jit_optimize_above_cost", "enable_seqscan", "enable_indexscan",
        "enable_indexonlyscan", "enable_bitmapscan", "enable_tidscan", "enable_sort", "enable_incremental_sort",
        "enable_hashagg", "enable_material", "enable_memoize", "enable_nestloop", "enable_mergejoin",
        "enable_hashjoin", "enable_gathermerge", "enable_partitionwise_join", "enable_partitionwise_aggregate",
        "enable_parallel_append", "enable_parallel_hash", "enable_partition_pruning", "enable_async_append", "geqo",
        "geqo_threshold", "geqo_effort", "geqo_pool_size", "geqo_generations", "geqo_selection_bias", "geqo_seed",
        "gin_fuzzy_search_limit", "gin_pending_list_limit", "tcp_keepalives_idle", "tcp_keepalives_interval",
        "tcp_keepalives_count", "tcp_user_timeout", "client_connection_check_interval", "quote_all_identifiers",
        "array_nulls", "icu_validation_level",
    ]
}

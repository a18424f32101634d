/// What is known of functions that are not harmless. All of them are reported by name; some are a hazard of a kind.
enum DangerousFunctions {
    struct Danger {
        var hazards: Hazards = []
        /// It gives values that its arguments do not hold.
        var isUnknown = false
        var kind: HarmlessFunctions.Kind?
    }

    /// A name that pg_catalog has, though it is not among the harmless ones.
    static func isBuiltIn(_ name: String) -> Bool {
        name.hasPrefix("pg_") || name.hasPrefix("lo_") || named[name] != nil
    }

    static func judge(_ name: String) -> Danger {
        if let danger = named[name] { return danger }
        for (prefix, danger) in prefixed where name.hasPrefix(prefix) { return danger }
        return Danger()
    }

    private static let dynamic = Danger(hazards: .dynamicCode, isUnknown: true)
    private static let plain = Danger(kind: .plain)

    private static let named: [String: Danger] = [
        "loread": Danger(hazards: .largeObjects, isUnknown: true),
        "lowrite": Danger(hazards: .largeObjects, kind: .plain),
        "lo_import": Danger(hazards: [.largeObjects, .serverFiles], kind: .plain),
        "lo_export": Danger(hazards: [.largeObjects, .serverFiles], kind: .plain),
        "pg_current_logfile": Danger(hazards: .serverFiles, isUnknown: true),
        "pg_stat_file": Danger(hazards: .serverFiles, isUnknown: true),
        "pg_hba_file_rules": Danger(hazards: .secrets, isUnknown: true),
        "pg_ident_file_mappings": Danger(hazards: .secrets, isUnknown: true),
        "pg_show_all_file_settings": Danger(hazards: .secrets, isUnknown: true),
        "pg_show_all_settings": Danger(hazards: .secrets, isUnknown: true),
        "pg_stat_get_activity": Danger(hazards: .otherSessions, isUnknown: true),
        "pg_stat_get_backend_activity": Danger(hazards: .otherSessions, isUnknown: true),
        "pg_stat_get_wal_receiver": Danger(hazards: .secrets, isUnknown: true),
        "pg_cursor": Danger(hazards: .otherSessions, isUnknown: true),
        "pg_prepared_statement": Danger(hazards: .otherSessions, isUnknown: true),
        "pg_stat_statements": Danger(hazards: .otherSessions, isUnknown: true),
        "current_query": Danger(kind: .plain),
        "pg_mcv_list_items": Danger(hazards: .statistics, isUnknown: true),
        "ts_stat": dynamic, "ts_rewrite": dynamic, "xpath_table": dynamic, "connectby": dynamic,
        "pg_terminate_backend": Danger(kind: .plain), "pg_cancel_backend": Danger(kind: .plain),
        "pg_notify": plain, "nextval": plain, "setval": plain, "set_config": plain, "setseed": plain,
        "pg_sleep": plain, "pg_sleep_for": plain, "pg_sleep_until": plain, "txid_current": plain,
        "pg_current_xact_id": plain, "pg_export_snapshot": plain, "pg_reload_conf": plain, "currtid2": plain,
    ]

    private static let prefixed: [(String, Danger)] = [
        ("pg_read_", Danger(hazards: .serverFiles, isUnknown: true)),
        ("pg_ls_", Danger(hazards: .serverFiles, isUnknown: true)),
        ("pg_file_", Danger(hazards: .serverFiles, isUnknown: true)),
        ("lo_", Danger(hazards: .largeObjects, isUnknown: true)),
        ("dblink", Danger(hazards: .foreignData, isUnknown: true)),
        ("postgres_fdw", Danger(hazards: .foreignData, isUnknown: true)),
        ("file_fdw", Danger(hazards: .foreignData, isUnknown: true)),
        ("query_to_xml", dynamic), ("table_to_xml", dynamic), ("schema_to_xml", dynamic),
        ("database_to_xml", dynamic), ("cursor_to_xml", dynamic), ("crosstab", dynamic),
        ("plpgsql_", dynamic), ("plpython", dynamic), ("plperl", dynamic),
        ("pg_logical_slot_", Danger(hazards: .otherSessions, isUnknown: true)),
        ("pg_try_advisory", plain), ("pg_advisory", plain),
        ("heap_page_", Danger(isUnknown: true)), ("get_raw_page", Danger(isUnknown: true)),
    ]
}

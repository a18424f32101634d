/// The columns of pg_catalog's functions that return records: one function a line, its name first. Taken from
/// PostgreSQL 15's pg_proc.
enum TableFunctions {
    static let columns: [String: [String]] = {
        var columns: [String: [String]] = [:]
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if let name = words.first { columns[name] = Array(words.dropFirst()) }
        }
        return columns
    }()

    private static let table = """
        aclexplode grantor grantee privilege_type is_grantable
        json_array_elements value
        json_array_elements_text value
        json_each key value
        json_each_text key value
        jsonb_array_elements value
        jsonb_array_elements_text value
        jsonb_each key value
        jsonb_each_text key value
        pg_available_extension_versions name version superuser trusted relocatable schema requires comment
        pg_available_extensions name default_version comment
        pg_extension_update_paths source target path
        pg_get_catalog_foreign_keys fktable fkcols pktable pkcols is_array is_opt
        pg_get_keywords word catcode barelabel catdesc baredesc
        pg_get_publication_tables relid attrs qual
        pg_options_to_table option_name option_value
        pg_partition_ancestors relid
        pg_partition_tree relid parentrelid isleaf level
        pg_sequence_parameters start_value minimum_value maximum_value increment cycle_option cache_size data_type
        pg_timezone_abbrevs abbrev utc_offset is_dst
        pg_timezone_names name abbrev utc_offset is_dst
        ts_debug alias description token dictionaries dictionary lexemes
        ts_parse tokid token
        ts_token_type tokid alias description
        unnest lexeme positions weights
        """
}

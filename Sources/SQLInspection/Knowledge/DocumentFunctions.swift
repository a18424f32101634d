/// What the functions of pg_catalog do with documents. Of one that is not listed, what it gives cannot be told.
enum DocumentFunctions {
    enum Kind {
        /// Goes to what is under constant keys.
        case path(DocumentPart.Form)
        /// What it gives shows its arguments with their keys, in this form, or in the one that they have.
        case keeps(DocumentPart.Form?)
        /// The elements of an array.
        case elements(DocumentPart.Form)
        /// An array of its arguments.
        case array
        /// The elements of an array of the server's.
        case unnest
        /// Tells of no value.
        case tellsNone
        /// A row, whose columns are called like the keys.
        case record
    }

    /// ``Kind/keeps(_:)`` rows as well, which become objects.
    static let takesRows: Set<String> = [
        "to_json", "to_jsonb", "row_to_json", "json_agg", "jsonb_agg", "json_build_array", "jsonb_build_array",
        "json_build_object", "jsonb_build_object", "array_to_json", "json_object_agg", "jsonb_object_agg",
    ]

    static let kinds: [String: Kind] = {
        var kinds: [String: Kind] = [
            "json_extract_path": .path(.json), "jsonb_extract_path": .path(.json),
            "json_extract_path_text": .path(.text), "jsonb_extract_path_text": .path(.text),
            "json_array_elements": .elements(.json), "jsonb_array_elements": .elements(.json),
            "json_array_elements_text": .elements(.text), "jsonb_array_elements_text": .elements(.text),
            "jsonb_pretty": .keeps(.text),
        ]
        for name in takesRows.union([
            "jsonb_set", "jsonb_set_lax", "jsonb_insert", "json_strip_nulls", "jsonb_strip_nulls",
        ]) {
            kinds[name] = .keeps(.json)
        }
        // Keys are found in any case.
        for name in [
            "lower", "upper", "initcap", "min", "max", "any_value", "mode", "first_value", "last_value", "nth_value",
            "lag",
            "lead",
        ] { kinds[name] = .keeps(nil) }
        for name in ["array_agg", "array_append", "array_prepend", "array_cat"] { kinds[name] = .array }
        kinds["unnest"] = .unnest
        for name in [
            "json_typeof", "jsonb_typeof", "json_array_length", "jsonb_array_length", "json_object_keys",
            "jsonb_object_keys", "count", "pg_typeof", "cardinality", "array_length", "array_ndims",
        ] { kinds[name] = .tellsNone }
        for name in ["json_to_record", "jsonb_to_record", "json_to_recordset", "jsonb_to_recordset"] {
            kinds[name] = .record
        }
        return kinds
    }()

    /// Types none of whose values holds a document.
    static let plainTypes: Set<String> = [
        "bool", "int2", "int4", "int8", "numeric", "float4", "float8", "money", "date", "time", "timetz", "timestamp",
        "timestamptz", "interval", "uuid", "inet", "cidr", "macaddr", "macaddr8", "oid",
    ]

    static func isDocument(_ type: String) -> Bool { type == "json" || type == "jsonb" || type == "hstore" }
}

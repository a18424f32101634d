/// What is computed from a column tells of it in more ways than by its value: whether there is an error, whether there is
/// a NULL. So a column that is computed with decides, like one in WHERE, unless the computation is known to be quiet:
/// it succeeds whatever the value is, and gives NULL for NULL alone.
extension Analyzer {
    /// Quiet in every argument.
    private static let quiet = names(
        """
        abs array_agg array_to_json array_to_string avg bit_and bit_length bit_or bit_xor bool_and bool_or btrim
        cardinality ceil ceiling char_length character_length concat concat_ws count every floor hashtext initcap json_agg
        json_build_array jsonb_agg jsonb_build_array length lower ltrim max md5 min octet_length pg_typeof
        quote_ident quote_literal quote_nullable reverse row_to_json rtrim sha224 sha256 sha384 sha512 stddev
        stddev_pop stddev_samp string_agg sum to_json to_jsonb translate upper var_pop var_samp
        variance xmlagg any_value json_typeof jsonb_typeof jsonb_pretty starts_with strpos ascii sign
        """)

    /// Quiet in the first argument, which the others must not come from the columns for.
    private static let quietFirst = names(
        """
        date_part date_trunc encode first_value lag last_value lead left lpad nth_value right round rpad split_part
        substr to_char trunc
        """)

    /// Quiet in all but the first.
    private static let quietRest = names("date_part date_trunc extract")

    /// Quiet of one column's own values: beside others, which the client gives, they meet the type's limit or not, and texts of
    /// bits must be of one length.
    private static let totals = names(
        "avg bit_and bit_or bit_xor stddev stddev_pop stddev_samp sum var_pop var_samp variance")

    private static func names(_ text: String) -> Set<String> {
        Set(text.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init))
    }

    /// Marks the columns among a call's arguments that it decides by.
    func noteSteering(_ name: String, _ args: [ParseTree.ID], _ first: Lineage, _ others: Lineage) {
        if Self.totals.contains(name) {
            var all = first
            all.merge(others)
            if all.extent > Extent.column { mark(all, .predicate) }
            return
        }
        if Self.quiet.contains(name) || isQuietText(name, args) { return }
        let isFirstQuiet = Self.quietFirst.contains(name) || isPositional(name, args)
        let isRestQuiet = Self.quietRest.contains(name)
        if !isFirstQuiet { mark(first, .predicate) }
        if !isRestQuiet { mark(others, .predicate) }
    }

    /// Whether a call of constants and one value is quiet.
    func isQuiet(_ name: String, _ args: [ParseTree.ID]) -> Bool {
        Self.quiet.contains(name) || Self.quietFirst.contains(name) || Self.quietRest.contains(name)
            || isPositional(name, args) || isQuietText(name, args)
    }

    /// `substring(x, 1, 3)`: with a pattern in its place it gives NULL for what does not match, and `overlay` and
    /// `position` have their own arguments.
    private func isPositional(_ name: String, _ args: [ParseTree.ID]) -> Bool {
        guard name == "substring" || name == "overlay" || name == "position" else { return false }
        if name != "substring" { return true }
        return args.dropFirst().allSatisfy { tree.type($0) == .A_Const && tree.field($0, .ival) != nil }
    }

    /// `replace` is quiet where it makes no value longer: what becomes of a value that grows by what it holds meets the
    /// server's limit or not. `format` is quiet where it takes texts as they are: a width is a number, and `%I` refuses
    /// NULL.
    private func isQuietText(_ name: String, _ args: [ParseTree.ID]) -> Bool {
        switch name {
        case "replace":
            guard args.count == 3, let old = constantString(args[1]), let new = constantString(args[2]) else {
                return false
            }
            return new.utf8.count <= old.utf8.count
        case "format":
            guard let first = args.first, let text = constantString(first) else { return false }
            let parts = text.utf8.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false).dropFirst()
            return parts.allSatisfy { $0.isEmpty || $0.first == UInt8(ascii: "s") }
        default:
            return false
        }
    }

    /// A comparison gives NULL beside NULL, arithmetic overflows, a division fails, and there may be nothing at a
    /// document's place: only joining texts is quiet.
    func isQuietOperator(_ id: ParseTree.ID, _ name: [String]) -> Bool {
        tree.string(id, .kind) == "AEXPR_OP" && name == ["||"]
    }

    /// Whether a value may be an array: arrays of other sizes cannot be put together.
    func mayBeArray(_ lineage: Lineage) -> Bool {
        lineage.keys.contains { key in
            let index = Int(key.instance)
            guard instances.indices.contains(index), let relation = instances[index].relation,
                relation.columns.indices.contains(Int(key.column))
            else { return false }
            let type = relation.columns[Int(key.column)].typeOID
            return type >= 16_384 || Self.arrays.contains(type)
        }
    }

    /// The types of arrays in src/include/catalog/pg_type.dat, of PostgreSQL 12 to 17; those of users have numbers from 16,384 on.
    private static let arrays: Set<UInt32> = Set(1_000...1_022).union([
        143, 199, 271, 629, 651, 719, 775, 791, 1_027, 1_028, 1_034, 1_040, 1_041, 1_115, 1_182, 1_183, 1_185, 1_187,
        1_231, 1_263, 1_270, 1_561, 1_563, 2_201, 2_207, 2_208, 2_209, 2_210, 2_211, 2_949, 2_951, 3_643, 3_644, 3_645,
        3_735, 3_770, 3_807, 3_905, 3_907, 3_909, 3_911, 3_913, 3_927, 4_073, 4_090, 4_097, 4_192, 6_150, 6_151, 6_152,
        6_153, 6_155, 6_157,
    ]).subtracting([1_004])

    /// Whether a cast takes every value.
    func isQuietCast(_ id: ParseTree.ID, of lineage: Lineage) -> Bool {
        guard let type = tree.field(id, .typeName), tree.list(type, .arrayBounds).isEmpty,
            let name = tree.names(type, .names).last
        else { return false }
        if ["text", "varchar", "bpchar", "name"].contains(name) { return true }
        guard lineage.isDirect, tree.list(type, .typmods).isEmpty else { return false }
        return lineage.keys.allSatisfy { key in
            let index = Int(key.instance)
            guard instances.indices.contains(index), let relation = instances[index].relation,
                relation.columns.indices.contains(Int(key.column))
            else { return false }
            return Self.widenings[relation.columns[Int(key.column)].typeOID]?.contains(name) ?? false
        }
    }

    /// From a type, by its OID (src/include/catalog/pg_type.dat), to those that hold all of its values.
    private static let widenings: [UInt32: Set<String>] = [
        21: ["int2", "int4", "int8", "numeric", "float4", "float8"], 23: ["int4", "int8", "numeric", "float8"],
        20: ["int8", "numeric", "float8"], 1700: ["numeric"], 700: ["float4", "float8"], 701: ["float8"],
        1082: ["date", "timestamp", "timestamptz"], 1114: ["timestamp", "date", "timestamptz"],
        1184: ["timestamptz", "timestamp", "date"], 114: ["json"], 3802: ["jsonb", "json"], 2950: ["uuid"],
    ]

    /// xmlparse fails on what is no document.
    func isQuietXML(_ id: ParseTree.ID) -> Bool {
        guard let op = tree.string(id, .op) else { return false }
        return ["IS_XMLCONCAT", "IS_XMLELEMENT", "IS_XMLFOREST"].contains(op)
    }
}

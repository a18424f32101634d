/// How much longer a value may be than those that it is made of, at the most.
///
/// The server refuses a value, or a row, of more than 1 GiB (MaxAllocSize in src/include/utils/memutils.h): what is put together
/// with a filler of just under it is refused or not by how long the other part is, and a part that was made of a column by
/// `replace` or `translate` is as long as the column's content says. So putting a column's value together with others is quiet
/// only where all of them stay far below.
enum Extent {
    /// The unit, 64 KiB: the value of a column, which is seldom longer.
    static let column: UInt32 = 1
    /// A literal is no longer than the statement (``StatementInspector/Limits/maxBytes``).
    static let literal: UInt32 = 16
    /// A parameter is no longer than its Bind, 64 MiB, and so are all of one Bind together: where each is named first it counts like a
    /// literal, and like a whole Bind wherever it is named again.
    static let parameter: UInt32 = 1_024
    /// 512 MiB: what is put together with a column's value may be so long and no longer.
    static let most: UInt32 = 8_192
    /// An array or an object of jsonb has at most 256 MiB (JENTRY_OFFLENMASK in src/include/utils/jsonb.h).
    static let mostOfDocument: UInt32 = 3_072
    /// What is put together of other things alone, or stands in a row, and is longer may fill the server's limit: 640 MiB, which leaves
    /// room for a Bind that comes out escaped.
    static let fillsLimit: UInt32 = 10_000
    /// `char(10485760)` and `bit(83886080)` fill a value up to 10 MiB (MaxAttrSize in src/include/access/htup_details.h).
    static let padding: UInt32 = 160
    /// Nothing bounds it.
    static let endless = UInt32.max

    static func sum(_ a: UInt32, _ b: UInt32) -> UInt32 {
        let (sum, isOver) = a.addingReportingOverflow(b)
        return isOver ? endless : sum
    }

    static func product(_ a: UInt32, _ b: Int) -> UInt32 {
        let (product, isOver) = UInt64(a).multipliedReportingOverflow(by: UInt64(max(b, 0)))
        return isOver ? endless : UInt32(clamping: product)
    }
}

extension Analyzer {
    /// Numbers and digests: short, whatever they are made of. As much as two values tells them from a column's own.
    private static let short = names(
        """
        ascii bit_count bit_length cardinality char_length character_length count hashtext json_typeof
        jsonb_typeof length md5 octet_length pg_typeof sha224 sha256 sha384 sha512 starts_with strpos position
        json_array_length jsonb_array_length array_length array_lower array_ndims array_position array_upper
        """)

    /// As long as the first argument.
    private static let likeFirst = names(
        """
        abs any_value avg bit_and bit_or bit_xor bool_and bool_or btrim ceil ceiling every first_value floor
        initcap last_value left lower ltrim max min nth_value reverse right round rtrim sign split_part stddev
        stddev_pop stddev_samp substr substring sum trunc upper var_pop var_samp variance
        """)

    /// As long as all arguments together, and what quotes and escapes them.
    private static let together = names(
        """
        array_to_json concat encode json_build_array json_build_object jsonb_build_array jsonb_build_object jsonb_pretty
        quote_ident quote_literal quote_nullable row_to_json to_json to_jsonb
        """)

    /// Whole values, which are as long as the column's own: those that are chosen, and those that are put together.
    private static let whole = together.union(likeFirst.intersection(summaryNames)).union(
        names(
            """
            array_agg array_to_string concat_ws count format json_agg jsonb_agg lag last_value lead first_value nth_value
            pg_typeof string_agg xmlagg
            """))

    private static let growing = together.union(
        names("array_to_string concat_ws format lag lead lpad nth_value repeat replace rpad translate"))

    private static let summaryNames = names(
        """
        any_value avg bit_and bit_or bit_xor bool_and bool_or every max min stddev stddev_pop stddev_samp sum var_pop
        var_samp variance
        """)

    private static func names(_ text: String) -> Set<String> {
        Set(text.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init))
    }

    /// A call's own extent, from its arguments'.
    ///
    /// - Parameters:
    ///   - first: the first argument's.
    ///   - others: that of all others together.
    func measureCall(
        _ name: String, _ judged: JudgedFunction, _ args: [ParseTree.ID], first: UInt32, others: UInt32,
        _ result: inout Lineage
    ) {
        let all = Extent.sum(first, others)
        result.extent = all
        // Whoever vouches for a function vouches for what it gives.
        guard judged.isBuiltIn, judged.kind != nil else { return }
        if gathersRows(name, judged) || name == "current_setting" {
            // A setting may hold what set_config was given.
            gathersValues = gathersValues || views.isEmpty
            result.isGathered = true
            return
        }
        if name == "date_part" || name == "extract" || name == "date_trunc" {
            // The first is a word.
            result.extent = others
            return
        }
        if Self.short.contains(name) {
            result.extent = min(all, 2)
            result.isGathered = false
            return
        }
        if Self.likeFirst.contains(name) {
            result.extent = first
            return
        }
        result.extent = grown(name, args, first: first, all: all, judged)
        if result.extent == Extent.endless, views.isEmpty { makesFiller = true }
    }

    private func grown(
        _ name: String, _ args: [ParseTree.ID], first: UInt32, all: UInt32, _ judged: JudgedFunction
    ) -> UInt32 {
        // A parameter in it may be longer than it counts for.
        let longest = first > Extent.column && !parameters.isEmpty ? Extent.sum(first, Extent.parameter) : first
        switch name {
        case "translate": return Extent.product(first, 4)
        case "replace": return Extent.product(longest, replacementGrowth(args))
        case "regexp_replace":
            let isShort = args.count > 2 && (constantString(args[2]).map { $0.utf8.count <= 64 } ?? false)
            return isShort ? Extent.product(longest, 64) : Extent.endless
        case "repeat": return repeated(args, longest)
        case "lpad", "rpad":
            let count = args.count > 1 ? constantInteger(args[1]) : nil
            return count.map { Extent.sum(first, UInt32(clamping: $0 / 16_384)) } ?? Extent.endless
        case "format":
            let places = args.first.flatMap(constantString).flatMap(placesOfFormat)
            return places.map { Extent.product(all, $0) } ?? Extent.endless
        case "concat_ws": return Extent.sum(all, Extent.product(longest, args.count))
        case "array_to_string":
            let isShort = args.dropFirst().allSatisfy { constantString($0).map { $0.utf8.count <= 16 } ?? false }
            return isShort ? Extent.product(longest, 16) : Extent.endless
        case "array_fill": return Extent.endless
        case _ where Self.together.contains(name): return Extent.product(all, 2)
        default: return judged.kind == .window ? all : Extent.product(max(all, Extent.literal), 4)
        }
    }

    /// One value is made of those of many rows.
    private func gathersRows(_ name: String, _ judged: JudgedFunction) -> Bool {
        judged.kind == .aggregate && collects(name)
    }

    /// What is computed from a column and is as long as its content says.
    func noteSelection(_ name: String, _ arguments: Lineage) {
        guard views.isEmpty else { return }
        changed.formUnion(arguments.keys)
        if !Self.whole.contains(name) { selections.append(arguments) }
    }

    /// What is put together of others: whether it succeeds hangs on how long they are, where they may be long.
    ///
    /// - Parameter rowsRepeat: It is made of many rows' values, and one row may be many of them.
    func noteGrowth(_ lineage: Lineage, isDocument: Bool = false, rowsRepeat: Bool = false) {
        let most = isDocument ? Extent.mostOfDocument : Extent.most
        if !lineage.keys.isEmpty, lineage.extent > most || lineage.isGathered || rowsRepeat {
            mark(lineage, .predicate)
        }
        if lineage.extent > Extent.fillsLimit, !lineage.isGathered, views.isEmpty { makesFiller = true }
    }

    /// Whether a call that is known to be quiet is so with these arguments.
    func noteGrowth(
        ofCall name: String, _ judged: JudgedFunction, _ result: Lineage, _ arguments: Lineage, _ scope: Scope
    ) {
        if gathersRows(name, judged) {
            var gathered = arguments
            gathered.isGathered = false
            return noteGrowth(gathered, isDocument: name.hasPrefix("jsonb"), rowsRepeat: scope.repeatsRows)
        }
        if Self.growing.contains(name) { noteGrowth(result, isDocument: name.contains("jsonb")) }
    }

    /// A row is sent, sorted and kept as a whole.
    func noteRow(_ columns: [ResultColumn]) {
        var extent: UInt32 = 0
        for column in columns { extent = Extent.sum(extent, column.lineage.extent) }
        guard extent > Extent.fillsLimit else { return }
        for column in columns { mark(column.lineage, .predicate) }
    }

    /// In a statement that makes a filler every value may come to lie beside it, wherever the server puts rows together.
    func noteFillers() {
        if gathersValues || makesFiller {
            for lineage in selections { mark(lineage, .predicate) }
        }
        guard makesFiller else { return }
        for index in instances.indices {
            for column in instances[index].uses.indices where instances[index].uses[column].contains(.output) {
                mark(ColumnKey(index, column), .predicate)
            }
        }
    }

    /// What the constants of a list come to: they are parts of one text, and of one Bind.
    func withoutRepeats(_ id: ParseTree.ID, _ extent: UInt32) -> UInt32 {
        let constants = tree.children(id).reduce(0) { count, child in
            count + (tree.node(child).type == .none ? tree.children(child).count(where: isConstantNode) : 0)
        }
        return extent - min(extent, Extent.product(Extent.literal, max(constants - 1, 0)))
    }

    private func isConstantNode(_ id: ParseTree.ID) -> Bool {
        switch tree.type(id) {
        case .A_Const, .ParamRef: true
        case .TypeCast: tree.field(id, .arg).map { tree.type($0) == .A_Const || tree.type($0) == .ParamRef } ?? false
        default: false
        }
    }

    /// Whether a cast fills a value up to a length.
    func pads(_ type: ParseTree.ID) -> Bool {
        guard !tree.list(type, .typmods).isEmpty, let name = tree.names(type, .names).last else { return false }
        return name == "bpchar" || name == "bit"
    }

    // MARK: Constants

    /// How many times longer a text may be by what stands in it.
    private func replacementGrowth(_ args: [ParseTree.ID]) -> Int {
        guard args.count == 3, let old = constantString(args[1]), let new = constantString(args[2]) else {
            return Int(Extent.endless)
        }
        return new.utf8.count / max(old.utf8.count, 1) + 1
    }

    private func repeated(_ args: [ParseTree.ID], _ first: UInt32) -> UInt32 {
        guard args.count == 2, let count = constantInteger(args[1]) else { return Extent.endless }
        if let text = constantString(args[0]) {
            let (bytes, isOver) = text.utf8.count.multipliedReportingOverflow(by: max(count, 0))
            return isOver ? Extent.endless : Extent.sum(1, UInt32(clamping: bytes >> 16))
        }
        return Extent.product(first, count)
    }

    /// How many values `format` puts in; `nil`: it cannot be told, or a width makes room for more.
    private func placesOfFormat(_ text: String) -> Int? {
        let parts = text.utf8.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false).dropFirst()
        for part in parts {
            var rest = part.drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            if rest.first == UInt8(ascii: "$") {
                rest = rest.dropFirst()
            } else if rest.count != part.count {
                return nil
            }
            if let letter = rest.first, !"sIL".utf8.contains(letter) { return nil }
        }
        return max(parts.count, 1)
    }

    func constantInteger(_ id: ParseTree.ID) -> Int? {
        guard tree.type(id) == .A_Const, let integer = tree.field(id, .ival) else { return nil }
        return tree.integer(integer, .ival) ?? 0
    }
}

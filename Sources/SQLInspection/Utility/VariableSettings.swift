extension Analyzer {
    func variableSet(_ id: ParseTree.ID) -> StatementKind {
        let name = tree.string(id, .name)?.lowercased() ?? ""
        let isLocal = tree.flag(id, .is_local)
        switch tree.string(id, .kind) {
        case "VAR_SET_VALUE":
            let value = settingValue(id)
            hazards.formUnion(Settings.hazards(ofSetting: name, value: value))
            return .set(name: name, value: value, isLocal: isLocal)
        case "VAR_SET_DEFAULT", "VAR_SET_CURRENT":
            // FROM CURRENT occurs in definitions of functions alone.
            hazards.formUnion(defaulting(name))
            return .set(name: name, value: nil, isLocal: isLocal)
        case "VAR_RESET":
            hazards.formUnion(defaulting(name))
            return .set(name: name, value: nil, isLocal: false)
        case "VAR_RESET_ALL":
            // Back to what the session started with, which is what it is pinned to. Roles are not reset by it.
            return .set(name: "all", value: nil, isLocal: false)
        case "VAR_SET_MULTI":
            // SET TRANSACTION and SET SESSION CHARACTERISTICS: isolation, read only, deferrable, a snapshot.
            return .set(name: name, value: nil, isLocal: isLocal)
        default:
            hazards.insert(.unjudged)
            return .utility
        }
    }

    /// A setting's default is the session's start, but for roles.
    private func defaulting(_ name: String) -> Hazards {
        switch name {
        case "role", "session_authorization": return .roleChange
        case "client_encoding", "standard_conforming_strings", "transform_null_equals", "backslash_quote": return []
        default: return Settings.isHarmless(name) ? [] : .pinnedSetting
        }
    }

    /// The value as SHOW would give it; a list is joined as search_path's is.
    func settingValue(_ id: ParseTree.ID) -> String? {
        var values: [String] = []
        for argument in tree.list(id, .args) {
            let constant = tree.type(argument) == .TypeCast ? tree.field(argument, .arg) ?? argument : argument
            guard tree.type(constant) == .A_Const else { return nil }
            if let text = tree.field(constant, .sval) {
                values.append(tree.string(text, .sval) ?? "")
            } else if let number = tree.field(constant, .ival) {
                values.append(String(tree.integer(number, .ival) ?? 0))
            } else if let number = tree.field(constant, .fval) {
                values.append(tree.string(number, .fval) ?? "")
            } else {
                return nil
            }
        }
        if values.count == 1, tree.string(id, .name) != "search_path" { return values[0] }
        return values.map(Self.quotedIdentifier).joined(separator: ", ")
    }

    /// quote_identifier, so that the list can be taken apart again.
    private static func quotedIdentifier(_ name: String) -> String {
        let isPlain =
            !name.isEmpty
            && name.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_")
            } && name.utf8.first.map { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
        if isPlain { return name }
        return "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// What SHOW gives: no table's values.
    func shown(_ name: String) -> QueryResult {
        let names = name == "all" ? ["name", "setting", "description"] : [name]
        return QueryResult(columns: names.map { ResultColumn(name: $0, lineage: Lineage()) })
    }
}

/// A value that has the shape it must have.
struct CheckedValue: Sendable {
    enum Content: Sendable {
        case string(String)
        case integer(UInt64)
        case boolean(Bool)
        case list([CheckedValue])
        case object(CheckedObject)
        case map([CheckedEntry])
        /// Something that is read elsewhere.
        case node(YAMLNode)
    }

    var content: Content
    var location: SourceLocation
}

/// A name of the author's choosing with its value; `nil` when the value was at fault (the name counts as defined all
/// the same, or each mention of it would be called unknown).
struct CheckedEntry: Sendable {
    var name: Located<String>
    var value: CheckedObject?
}

/// An object whose keys are known. Keys at fault are missing.
struct CheckedObject: Sendable {
    struct Field: Sendable {
        var keyLocation: SourceLocation
        var value: CheckedValue
        /// For text that was quoted, where the text itself begins.
        var textLocation: SourceLocation
    }

    var fields: [String: Field]
    var location: SourceLocation
    /// Something in it was at fault, at any depth.
    var isFaulty: Bool

    func string(_ key: String) -> Located<String>? {
        guard case .string(let text)? = fields[key]?.value.content, let field = fields[key] else { return nil }
        return Located(value: text, location: field.value.location)
    }

    func integer(_ key: String) -> UInt64? {
        guard case .integer(let number)? = fields[key]?.value.content else { return nil }
        return number
    }

    /// The numbers of a list.
    func integers(_ key: String) -> [UInt64] {
        guard case .list(let items)? = fields[key]?.value.content else { return [] }
        return items.compactMap { if case .integer(let number) = $0.content { number } else { nil } }
    }

    func boolean(_ key: String) -> Bool? {
        guard case .boolean(let flag)? = fields[key]?.value.content else { return nil }
        return flag
    }

    func object(_ key: String) -> CheckedObject? {
        guard case .object(let object)? = fields[key]?.value.content else { return nil }
        return object
    }

    func objects(_ key: String) -> [CheckedObject] {
        guard case .list(let items)? = fields[key]?.value.content else { return [] }
        return items.compactMap { item in
            guard case .object(let object) = item.content else { return nil }
            return object
        }
    }

    func entries(_ key: String) -> [CheckedEntry] {
        guard case .map(let entries)? = fields[key]?.value.content else { return [] }
        return entries
    }

    /// The texts of a list; empty when the key is not there.
    func strings(_ key: String) -> [Located<String>] {
        guard case .list(let items)? = fields[key]?.value.content else { return [] }
        return items.compactMap { item in
            guard case .string(let text) = item.content else { return nil }
            return Located(value: text, location: item.location)
        }
    }

    /// The values of ``strings(_:)``, each once, in the order of the source.
    func values(_ key: String) -> [String] {
        var seen: Set<String> = []
        return strings(key).map(\.value).filter { seen.insert($0).inserted }
    }

    func keyLocation(_ key: String) -> SourceLocation { fields[key]?.keyLocation ?? location }
}

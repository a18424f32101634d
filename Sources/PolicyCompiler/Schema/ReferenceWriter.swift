extension PolicySchema {
    /// Every key, as Markdown: the part of docs/policy.md that is not written by hand.
    public static func markdownReference() -> String {
        section("Policy", PolicyShapes.document) + section("PolicyTest", TestShapes.document)
    }

    private static func section(_ title: String, _ root: ObjectShape) -> String {
        var text = "### `kind: \(title)`\n\n\(root.purpose)\n\n\(table(root))"
        var seen: Set<String> = []
        for object in nested(in: root) where seen.insert(object.path).inserted {
            text += "#### `\(object.path)`\n\n"
            if !object.purpose.isEmpty { text += "\(object.purpose)\n\n" }
            if !object.exactlyOneOf.isEmpty {
                text += "Exactly one of \(object.exactlyOneOf.map { "`\($0)`" }.joined(separator: ", ")).\n\n"
            }
            text += table(object)
        }
        return text
    }

    private static func table(_ object: ObjectShape) -> String {
        var text = "| key | value | left out | |\n|---|---|---|---|\n"
        for key in object.keys {
            let absent = key.isRequired ? "**required**" : key.absent ?? ""
            text += "| `\(key.name)` | \(value(key.shape)) | \(absent) | \(key.purpose)\(choices(key.shape)) |\n"
        }
        return text + "\n"
    }

    private static func value(_ shape: Shape) -> String {
        switch shape {
        case .object(let object): return "see `\(object.path)`"
        case .map(let map): return "\(map.noun) names, each with `\(map.value.path)`"
        case .list(let element): return "one or a list: \(value(element))"
        case .anyList(let element): return "one or a list, `[]` for none: \(value(element))"
        case .sequence(let element): return "a list: \(value(element))"
        case .text(let kind): return kind.meaning
        case .choice(let choices):
            return choices.count > 12 ? "one of the words" : choices.map { "`\($0.name)`" }.joined(separator: ", ")
        case .boolean: return "`true`, `false`"
        case .integer(let range): return "\(range.lowerBound)…\(range.upperBound)"
        case .duration(let range):
            return "`\(Units.describe(seconds: range.lowerBound))`…`\(Units.describe(seconds: range.upperBound))`"
        case .bytes(let range):
            return "`\(Units.describe(bytes: range.lowerBound))`…`\(Units.describe(bytes: range.upperBound))`"
        case .constant(let text): return "`\(text)`"
        case .mask(let words, let object):
            return words.map { "`\($0.name)`" }.joined(separator: ", ") + " or `\(object.path)`"
        case .anything: return "a mapping"
        }
    }

    /// What each word means; the verbs have a table of their own in the text.
    private static func choices(_ shape: Shape) -> String {
        switch shape {
        case .choice(let choices) where choices.count > 1:
            return choices.map { "<br>`\($0.name)`: \($0.meaning)" }.joined()
        case .list(let element):
            if case .choice(let words) = element, words.count == RuleShapes.verbChoices.count { return "" }
            return Self.choices(element)
        case .mask(let words, _): return words.map { "<br>`\($0.name)`: \($0.meaning)" }.joined()
        default: return ""
        }
    }

    private static func nested(in object: ObjectShape) -> [ObjectShape] {
        object.keys.flatMap { nested(in: $0.shape) }
    }

    private static func nested(in shape: Shape) -> [ObjectShape] {
        switch shape {
        case .object(let object): [object] + nested(in: object)
        case .map(let map): [map.value] + nested(in: map.value)
        case .list(let element), .sequence(let element): nested(in: element)
        case .mask(_, let object): [object]
        default: []
        }
    }

    /// The verbs and their aliases, as Markdown.
    public static func markdownVerbs() -> String {
        "| verb | |\n|---|---|\n" + RuleShapes.verbChoices.map { "| `\($0.name)` | \($0.meaning) |\n" }.joined()
    }
}

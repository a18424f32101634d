/// Writes the tables of keys as a JSON Schema (2020-12), for editors. It is as strict as such a schema can be; what it
/// lets pass, `stile policy check` may still refuse.
public enum PolicySchema {
    /// The schema of a policy's and of a test file's documents.
    public static func jsonSchema() -> String {
        JSONValue.object([
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            ("$id", .string("https://stile.dev/schemas/v1/policy.json")),
            ("title", .string("Stile policy")),
            ("type", .string("object")),
            ("required", .array([.string("apiVersion"), .string("kind")])),
            (
                "oneOf",
                .array([schema(of: PolicyShapes.document), schema(of: TestShapes.document)])
            ),
        ]).document()
    }

    private static func schema(of object: ObjectShape) -> JSONValue {
        var fields: [(String, JSONValue)] = [("type", .string("object"))]
        if !object.purpose.isEmpty { fields.append(("description", .string(plain(object.purpose)))) }
        fields.append(("additionalProperties", .boolean(false)))
        if !object.mayBeEmpty { fields.append(("minProperties", .integer(1))) }
        let required = object.keys.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { fields.append(("required", .array(required))) }
        if !object.exactlyOneOf.isEmpty {
            let one = object.exactlyOneOf.map { JSONValue.object([("required", .array([.string($0)]))]) }
            fields.append(("oneOf", .array(one)))
        }
        fields.append(("properties", .object(object.keys.map { ($0.name, property($0)) })))
        return .object(fields)
    }

    private static func property(_ key: KeyShape) -> JSONValue {
        var text = plain(key.purpose)
        if let absent = key.absent { text += " When left out: \(plain(absent))." }
        guard case .object(let fields) = schema(of: key.shape) else { return schema(of: key.shape) }
        return .object([("description", .string(text))] + fields.filter { $0.0 != "description" })
    }

    private static func schema(of shape: Shape) -> JSONValue {
        switch shape {
        case .object(let object): return schema(of: object)
        case .map(let map):
            return .object([
                ("type", .string("object")),
                ("propertyNames", schema(of: .text(map.names))),
                ("additionalProperties", schema(of: map.value)),
            ])
        case .list(let element):
            let one = schema(of: element)
            return .object([("anyOf", .array([one, array(of: one)]))])
        case .anyList(let element):
            let one = schema(of: element)
            return .object([("anyOf", .array([one, array(of: one, minimum: 0)]))])
        case .sequence(let element): return array(of: schema(of: element))
        case .text(let kind):
            var fields: [(String, JSONValue)] = [
                ("type", .string("string")), ("minLength", .integer(1)), ("maxLength", .integer(kind.maximumBytes)),
            ]
            if let pattern = kind.editorPattern { fields.append(("pattern", .string(pattern))) }
            return .object(fields)
        case .choice(let choices):
            return .object([
                (
                    "oneOf",
                    .array(
                        choices.map {
                            .object([("const", .string($0.name)), ("description", .string(plain($0.meaning)))])
                        })
                )
            ])
        case .boolean: return .object([("type", .string("boolean"))])
        case .integer(let range):
            return .object([
                ("type", .string("integer")), ("minimum", .integer(range.lowerBound)),
                ("maximum", .integer(range.upperBound)),
            ])
        case .duration: return .object([("type", .string("string")), ("pattern", .string("^[0-9]+ *[smhd]$"))])
        case .bytes: return .object([("type", .string("string")), ("pattern", .string("^[0-9]+ *(B|KiB|MiB|GiB)$"))])
        case .constant(let text): return .object([("const", .string(text))])
        case .mask(let words, let object):
            let named = words.map {
                // Written without quotes, `null` is YAML's null; it means the mask all the same.
                JSONValue.object([
                    (
                        $0.name == "null" ? "enum" : "const",
                        $0.name == "null" ? .array([.null, .string("null")]) : .string($0.name)
                    ),
                    ("description", .string(plain($0.meaning))),
                ])
            }
            return .object([("oneOf", .array(named + [schema(of: object)]))])
        case .anything: return .object([("type", .string("object"))])
        }
    }

    private static func array(of element: JSONValue, minimum: Int = 1) -> JSONValue {
        .object([("type", .string("array")), ("minItems", .integer(minimum)), ("items", element)])
    }

    /// Without the marks of Markdown.
    private static func plain(_ text: String) -> String {
        text.replacing("[detectors.md](detectors.md)", with: "docs/detectors.md").filter { $0 != "`" }
    }
}

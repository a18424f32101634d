import Policy

/// The tables of keys about calls of tools.
enum CallShapes {
    /// Numbers up to this are what they seem to every reader of JSON.
    private static let bound = 0...9_007_199_254_740_992

    static let kinds: [(name: String, kind: ArgumentCondition.Kind, meaning: String)] = [
        ("string", .string, "a string"), ("number", .number, "a number"),
        ("integer", .integer, "a number without a fraction"), ("boolean", .boolean, "true or false"),
        ("object", .object, "an object"), ("array", .array, "an array"), ("null", .null, "null"),
    ]

    static let argument = ObjectShape(
        title: "an argument", path: "rules[].where.arguments.POINTER",
        purpose: """
            What the value must be. Every key that is there must hold. Rules that hold or deny measure a string that \
            says a number as that number, and rules that allow do not.
            """,
        keys: [
            KeyShape("type", .choice(kinds.map { Choice(name: $0.name, meaning: $0.meaning) }), "What it is."),
            KeyShape(
                "equals", .list(of: .text(.exact)),
                "It is one of these: a string, or in quotes a number, 'true' or 'false'."),
            KeyShape(
                "pattern", .text(.regex),
                "A regular expression that is found in it; `^` at its beginning and `$` at its end tie it to the text's."
            ),
            KeyShape("min", .integer(bound), "It is a number, and no less."),
            KeyShape("max", .integer(bound), "It is a number, and no more."),
        ], mayBeEmpty: true)

    static let keys = [
        KeyShape("tools", .list(of: .text(.glob)), "The tool that is called is one of these."),
        KeyShape("resources", .list(of: .text(.glob)), "The URI of the resource that is read is one of these."),
        KeyShape("prompts", .list(of: .text(.glob)), "The prompt is one of these."),
        KeyShape(
            "arguments", .map(MapShape(noun: "argument", value: argument, names: .argumentPointer)),
            "What the call's arguments are, by JSON pointer. A deny or hold rule applies when one of them is there and is so; an allow rule when each of them is there and is so."
        ),
        KeyShape(
            "onlyArguments", .boolean, absent: "`false`",
            "Of an allow rule: the call has no arguments but those under `arguments`."),
    ]
}

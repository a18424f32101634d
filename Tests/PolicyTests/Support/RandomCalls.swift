import Policy

/// Calls and conditions on them, from a vocabulary so small that they meet.
extension RandomPolicies {
    static let toolNames = ["find", "find_all", "pay", "é", "a.b", "docs://x/y"]
    static let toolGlobs = ["find*", "*", "pay", "*é", "f*l", "docs://*", "a.b", "nothing"]
    static let pointers = ["/a", "/b", "/a/*", "/a/0", "/b/*/a", "/*", "/a/b"]
    static let argumentValues: [ArgumentValue] = [
        .null, .boolean(true), .number("5"), .number("7.5"), .number("-1"), .string("5"), .string("abc"),
        .string("xyz"),
        .string("true"),
    ]
    /// Of `^a`.
    static let automaton = TextAutomaton(
        reachesEnd: false, start: 1, byteClasses: (0..<256).map { $0 == 0x61 ? 1 : 0 }, classCount: 2,
        accepts: [(false, false), (false, false), (true, true)], transitions: [0, 0, 0, 2, 2, 2])

    mutating func addCallCondition(to condition: inout Condition) {
        if random.chance(12) { condition.tools = random.some(Self.toolGlobs, upTo: 2) }
        if random.chance(6) { condition.uris = random.some(Self.toolGlobs, upTo: 2) }
        if random.chance(6) { condition.prompts = random.some(Self.toolGlobs, upTo: 2) }
        if random.chance(20) {
            condition.arguments = random.some(Self.pointers, upTo: 2).map { pointer in
                var argument = ArgumentCondition(pointer: pointer)
                if random.chance(30) { argument.kind = random.pick(ArgumentCondition.Kind.allCases) }
                if random.chance(20) { argument.equals = random.some(["5", "abc", "true"], upTo: 2) }
                if random.chance(25) { argument.minimum = random.pick(["0", "5", "6"]) }
                if random.chance(25) { argument.maximum = random.pick(["5", "7", "9"]) }
                if random.chance(20) { (argument.pattern, argument.automaton) = ("^a", Self.automaton) }
                return argument
            }
        }
        if random.chance(5) { condition.onlyArguments = true }
    }

    mutating func call() -> Operation {
        let accesses = (0..<(random.chance(85) ? 1 : Int.random(in: 0...2, using: &random))).map { _ in
            Access(
                verb: random.pick([.select, .select, .insert, .update, .describe]),
                object: ObjectPath(
                    random.chance(90)
                        ? [random.pick(["tool", "tool", "resource", "prompt"]), random.pick(Self.toolNames)] : []),
                features: random.chance(25) ? random.pick(Self.features) : [],
                shownRows: UInt32.random(in: 0...2, using: &random))
        }
        return Operation(
            resource: random.pick(["db", "warehouse"]), accesses: accesses,
            features: random.chance(25) ? random.pick(Self.features) : [],
            call: CallFacts(arguments: random.chance(85) ? value(depth: 0) : nil))
    }

    private mutating func value(depth: Int) -> ArgumentValue {
        if depth > 0, depth > 2 || random.chance(60) { return random.pick(Self.argumentValues) }
        let count = Int.random(in: 0...2, using: &random)
        if depth > 0, random.chance(40) { return .array((0..<count).map { _ in value(depth: depth + 1) }) }
        return .object(
            random.some(["a", "b", "c"], upTo: count).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
                .map { .init(name: $0, value: value(depth: depth + 1)) })
    }
}

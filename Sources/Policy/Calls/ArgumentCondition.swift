/// What a value among a call's arguments must be.
public struct ArgumentCondition: Hashable, Sendable {
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case string = 0
        case number = 1
        /// A number without a fraction.
        case integer = 2
        case boolean = 3
        case object = 4
        case array = 5
        case null = 6
    }

    /// A JSON pointer, see ``ArgumentPointer``.
    public var pointer: String
    public var kind: Kind?
    /// The text is one of these: a string, or a number, true or false as it is written; empty: whatever it is.
    public var equals: [String]
    /// Bounds of a number, as it is written; both are within.
    public var minimum: String?
    public var maximum: String?
    /// A regular expression of the documented subset, which ``automaton`` runs.
    public var pattern: String?
    public var automaton: TextAutomaton?

    public init(
        pointer: String, kind: Kind? = nil, equals: [String] = [], minimum: String? = nil, maximum: String? = nil,
        pattern: String? = nil, automaton: TextAutomaton? = nil
    ) {
        self.pointer = pointer
        self.kind = kind
        self.equals = equals
        self.minimum = minimum
        self.maximum = maximum
        self.pattern = pattern
        self.automaton = automaton
    }
}

extension ArgumentCondition {
    /// Whether a value is what it must be.
    ///
    /// - Parameter isStrict: of an allow rule: a number is a number. Of a rule that holds or denies, a string that says a number is
    ///   measured as one, since servers take it for one.
    func holds(for value: ArgumentValue, isStrict: Bool) -> Bool {
        if let kind, !kind.isOf(value) { return false }
        if !equals.isEmpty {
            guard let text = value.text, equals.contains(where: { $0.utf8.elementsEqual(text.utf8) }) else {
                return false
            }
        }
        if minimum != nil || maximum != nil {
            guard let number = value.number(isStrict: isStrict) else {
                // A number beyond all bounds is in none, and slips past no rule that holds or denies.
                if !isStrict, case .number = value { return true }
                return false
            }
            if let minimum = minimum.flatMap(DecimalText.init), number < minimum { return false }
            if let maximum = maximum.flatMap(DecimalText.init), maximum < number { return false }
        }
        if pattern != nil {
            guard let text = value.text, let automaton, automaton.matches(text) else { return false }
        }
        return true
    }
}

extension ArgumentCondition.Kind {
    fileprivate func isOf(_ value: ArgumentValue) -> Bool {
        switch (self, value) {
        case (.string, .string), (.number, .number), (.boolean, .boolean), (.object, .object), (.array, .array),
            (.null, .null):
            true
        case (.integer, .number(let text)): DecimalText(text)?.isWhole ?? false
        default: false
        }
    }
}

extension ArgumentValue {
    /// What a pattern is held against.
    fileprivate var text: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .boolean(let flag): flag ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    fileprivate func number(isStrict: Bool) -> DecimalText? {
        switch self {
        case .number(let text): return DecimalText(text)
        case .string(let text) where !isStrict:
            var digits = text.utf8.filter { $0 > 0x20 && $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: ",") }[...]
            let isNegative = digits.first == UInt8(ascii: "-")
            if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
            while digits.count > 1, digits.first == 0x30, digits.dropFirst().first.map({ 0x30...0x39 ~= $0 }) == true {
                digits = digits.dropFirst()
            }
            return DecimalText((isNegative ? "-" : "") + String(decoding: digits, as: UTF8.self))
        default: return nil
        }
    }
}

extension Condition {
    /// Whether what is said of a call's arguments is so.
    ///
    /// A deny or hold rule matches when *something* that it names is there and is as it says. An allow rule demands that *everything*
    /// that it names is there and is as it says, every element where a pointer has a `*`; and with ``onlyArguments`` that there is
    /// nothing else.
    ///
    /// - Parameter arguments: `nil`: not known yet, as of a tool in a list. Then an allow rule may match, and the others do not.
    func argumentsHold(_ arguments: ArgumentValue?, of effect: Rule.Effect) -> Bool {
        guard !self.arguments.isEmpty || onlyArguments else { return true }
        guard let arguments else { return effect == .allow }
        if effect == .allow {
            let pointers = self.arguments.map { ArgumentPointer($0.pointer) }
            for (condition, pointer) in zip(self.arguments, pointers) {
                let values = pointer.map(arguments.values) ?? []
                guard !values.isEmpty, values.allSatisfy({ condition.holds(for: $0, isStrict: true) }) else {
                    return false
                }
            }
            return !onlyArguments || arguments.isCovered(by: pointers.compactMap { $0 })
        }
        return self.arguments.contains { condition in
            let values = ArgumentPointer(condition.pointer).map(arguments.values) ?? []
            return values.contains { condition.holds(for: $0, isStrict: false) }
        }
    }
}

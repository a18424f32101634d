/// Where rules stand in a row: allow rules first, then hold, then deny, each part starting at a word of its own, and each
/// part with rules of a kind side by side.
struct RuleOrder: Hashable, Sendable {
    let allowRules: Int
    let holdRules: Int
    let denyRules: Int

    static func words(_ rules: Int) -> Int { (rules + 63) / 64 }

    var rules: Int { allowRules + holdRules + denyRules }
    var holdStart: Int { RuleOrder.words(allowRules) }
    var denyStart: Int { holdStart + RuleOrder.words(holdRules) }
    /// Words of a row.
    var words: Int { denyStart + RuleOrder.words(denyRules) }
    /// Words of a row's summary: a bit for each of its words.
    var summaryWords: Int { (words + 63) / 64 }

    func effect(ofWord word: Int) -> Rule.Effect {
        word < holdStart ? .allow : word < denyStart ? .hold : .deny
    }

    /// The bit of the `ordinal`th rule.
    func bit(ofRule ordinal: Int) -> Int {
        if ordinal < allowRules { return ordinal }
        if ordinal < allowRules + holdRules { return ordinal - allowRules + 64 * holdStart }
        return ordinal - allowRules - holdRules + 64 * denyStart
    }

    /// The inverse of ``bit(ofRule:)``.
    func rule(atBit bit: Int) -> Int {
        let word = bit / 64
        if word < holdStart { return bit }
        if word < denyStart { return bit - 64 * holdStart + allowRules }
        return bit - 64 * denyStart + allowRules + holdRules
    }

    func effect(ofRule ordinal: Int) -> Rule.Effect {
        ordinal < allowRules ? .allow : ordinal < allowRules + holdRules ? .hold : .deny
    }

    /// The bits of a word that stand for rules.
    func validBits(ofWord word: Int) -> UInt64 {
        let (start, rules) =
            switch effect(ofWord: word) {
            case .allow: (0, allowRules)
            case .hold: (holdStart, holdRules)
            case .deny: (denyStart, denyRules)
            }
        let remaining = rules - 64 * (word - start)
        return remaining >= 64 ? .max : remaining <= 0 ? 0 : (1 << UInt64(remaining)) - 1
    }

    /// The words of `effects` that the `index`th summary word stands for.
    func summaryMask(_ index: Int, _ range: Range<Int>) -> UInt64 {
        let low = min(max(range.lowerBound - 64 * index, 0), 64)
        let high = min(max(range.upperBound - 64 * index, 0), 64)
        return low >= high ? 0 : (UInt64.max >> UInt64(64 - (high - low))) << UInt64(low)
    }
}

extension RuleOrder {
    /// Rules in the order in which a bundle numbers them: by effect, and then those next to each other that leave the same
    /// dimensions open and ask for the same resources, groups, features and verbs.
    ///
    /// A decision passes over the words of a row in which some dimension has nothing. Were rules numbered by name, a word
    /// would have some of every kind, and nearly none could be passed over.
    static func clustered(_ rules: [Rule]) -> [Rule] {
        rules.map { (rule: $0, key: key(of: $0), names: $0.resources + [""] + $0.subjects.groups + ["", $0.name]) }
            .sorted { left, right in
                left.key == right.key
                    ? left.names.isBefore(right.names) : left.key.lexicographicallyPrecedes(right.key)
            }
            .map(\.rule)
    }

    private static func key(of rule: Rule) -> [UInt64] {
        [
            UInt64(rule.effect.rawValue),
            OpenDimension.allCases.reduce(0) { $0 | (rule.leavesOpen($1) ? 1 << UInt64($1.rawValue) : 0) },
            rule.condition.with.rawValue, rule.condition.without.rawValue,
            rule.verbs.reduce(0) { $0 | 1 << UInt64($1.rawValue) },
        ]
    }
}

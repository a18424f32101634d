/// What a rule says of arguments, in the rules section.
enum ArgumentCoding {
    private static let noKind = UInt32(ArgumentCondition.Kind.allCases.count)

    static func put(_ condition: ArgumentCondition, into sink: inout WordSink) {
        sink.put(condition.pointer)
        sink.put(condition.kind.map { UInt32($0.rawValue) } ?? noKind)
        sink.put(condition.equals)
        sink.put(condition.minimum)
        sink.put(condition.maximum)
        sink.put(condition.pattern)
        let words = condition.automaton?.words ?? []
        sink.put(UInt32(truncatingIfNeeded: words.count))
        for word in words { sink.put(word) }
    }

    static func condition(from source: inout WordSource) throws(BundleError) -> ArgumentCondition {
        var condition = ArgumentCondition(pointer: try source.string())
        guard ArgumentPointer(condition.pointer) != nil else { throw source.fault("a pointer is none") }
        let kind = try source.word(upTo: noKind, "kind of argument")
        condition.kind = UInt8(exactly: kind).flatMap(ArgumentCondition.Kind.init)
        condition.equals = try source.strings()
        condition.minimum = try source.optionalString()
        condition.maximum = try source.optionalString()
        for bound in [condition.minimum, condition.maximum] {
            if let bound, DecimalText(bound) == nil { throw source.fault("a bound is no number") }
        }
        condition.pattern = try source.optionalString()
        let count = try source.count()
        guard (count > 0) == (condition.pattern != nil) else { throw source.fault("a pattern has no automaton") }
        guard count > 0 else { return condition }
        var words: [UInt32] = []
        words.reserveCapacity(count)
        for _ in 0..<count { words.append(try source.word()) }
        guard let automaton = TextAutomaton(words: words) else { throw source.fault("an automaton is none") }
        condition.automaton = automaton
        return condition
    }
}

import Policy

/// Refuses what a rule says of calls and could never be so.
enum CallCheck {
    static func run(_ part: PolicyDraft.Part<Rule>, into sink: inout DiagnosticSink) {
        guard let place = part.source.object("where") else { return }
        if place.fields["onlyArguments"] != nil, part.value.effect != .allow {
            sink.error(
                "'onlyArguments' is of rules that allow", at: place.keyLocation("onlyArguments"),
                suggestion: "leave it out, and say 'onlyArguments' in the rule that allows the tool")
        }
        let named = ["tools", "resources", "prompts"].filter { place.fields[$0] != nil }
        if named.count > 1 {
            never(
                part, "what is called is a tool, a resource or a prompt, and here are '\(named[0])' and '\(named[1])'",
                at: place.keyLocation(named[1]), "make two rules of it", into: &sink)
        }
        for entry in place.entries("arguments") { check(entry, part, into: &sink) }
    }

    private static func check(
        _ entry: CheckedEntry, _ part: PolicyDraft.Part<Rule>, into sink: inout DiagnosticSink
    ) {
        guard let argument = part.value.condition.arguments.first(where: { $0.pointer == entry.name.value }) else {
            return
        }
        if let low = argument.minimum.flatMap(UInt64.init), let high = argument.maximum.flatMap(UInt64.init), low > high
        {
            never(
                part, "no number is at least \(low) and at most \(high)", at: entry.name.location,
                "swap 'min' and 'max'", into: &sink)
        }
        guard let pattern = argument.pattern else { return }
        do throws(RegexError) {
            _ = try ArgumentPattern.compile(pattern)
        } catch {
            sink.error(
                "pattern: \(error.message)",
                at: entry.value?.fields["pattern"]?.value.location ?? entry.name.location, suggestion: error.mend)
        }
    }

    private static func never(
        _ part: PolicyDraft.Part<Rule>, _ why: String, at place: SourceLocation, _ mend: String,
        into sink: inout DiagnosticSink
    ) {
        sink.error("the rule '\(part.name.value)' could never fire: \(why)", at: place, suggestion: mend)
    }
}

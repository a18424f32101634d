public import Policy

/// Compiles detectors to the tables that the sidecar scans with.
public enum DetectorCompiler {
    /// Compiles built-in detectors and the operator's own.
    ///
    /// The result depends on the set of detectors alone: neither order nor repetition of names changes a byte.
    /// - Parameters:
    ///   - names: The detectors to compile, built-in or custom. Custom detectors that are not named are checked and left
    ///     out.
    ///   - custom: The operator's own.
    /// - Returns: What `DetectorTables(validating:)` takes.
    /// - Throws: The first fault, in the order of the detectors' names.
    public static func compile(
        enabled names: some Sequence<String>, custom: [CustomDetector]
    ) throws(DetectorCompileError) -> [UInt8] {
        let wanted = Set(names)
        var specs: [String: DetectorSpec] = [:]
        for detector in custom.sorted(by: { ($0.name, $0.pattern) < ($1.name, $1.pattern) }) {
            guard specs[detector.name] == nil, BuiltInDetectors.spec(named: detector.name) == nil else {
                throw DetectorCompileError(
                    code: .duplicateName, detector: detector.name, message: "there is another detector of that name",
                    mend: "give it a name of its own")
            }
            let spec = spec(of: detector)
            _ = try check(detector)
            specs[detector.name] = spec
        }
        var enabled: [DetectorSpec] = []
        for name in wanted.sorted() {
            guard let spec = specs[name] ?? BuiltInDetectors.spec(named: name) else {
                throw DetectorCompileError(
                    code: .unknownDetector, detector: name, message: "there is no such detector",
                    mend: suggestion(for: name, among: BuiltInDetectors.names + specs.keys.sorted()))
            }
            enabled.append(spec)
        }
        return try DetectorTableWriter.write(enabled)
    }

    /// Checks one custom detector by itself.
    /// - Throws: What is wrong with its name, pattern or context words.
    public static func validate(_ detector: CustomDetector) throws(DetectorCompileError) {
        try check(detector)
    }

    private static func check(_ detector: CustomDetector) throws(DetectorCompileError) {
        guard (1...64).contains(detector.name.utf8.count) else {
            throw DetectorCompileError(
                code: .pattern, detector: detector.name, message: "its name has \(detector.name.utf8.count) bytes",
                mend: "name it with 1 to 64")
        }
        if !detector.context.isEmpty { _ = try ContextWords.pattern(detector.context, of: detector.name) }
        do throws(RegexError) {
            let dfa = try DFABuilder.build(
                [try RegexParser.parse(detector.pattern)], limit: DetectorTableLayout.maxStates)
            let starts = [dfa.startAfterOther, dfa.startAfterWord]
            if starts.contains(where: { !dfa.matchesBeforeWord[$0].isEmpty || !dfa.matchesBeforeOther[$0].isEmpty }) {
                throw RegexError(
                    code: .matchesNothing, column: 1, message: "the pattern matches the empty text",
                    mend: "write + for *, or {1,} for {0,}")
            }
            if starts == [0, 0] {
                throw RegexError(
                    code: .matchesNothing, column: 1, message: "the pattern can never match",
                    mend: "look for a stray \\b")
            }
        } catch {
            throw DetectorCompileError(error, in: detector.name)
        }
    }

    private static func spec(of detector: CustomDetector) -> DetectorSpec {
        DetectorSpec(
            name: detector.name, summary: "",
            patterns: [
                .init(detector.pattern, needsContext: !detector.context.isEmpty, notAfter: .word)
            ],
            context: detector.context.map { $0.lowercased() })
    }

    private static func suggestion(for name: String, among names: [String]) -> String {
        let near = names.map { (name: $0, distance: EditDistance.between(name, $0)) }.min { $0.distance < $1.distance }
        if let near, near.distance <= max(2, name.count / 3) { return "did you mean '\(near.name)'?" }
        return "the built-in ones are \(BuiltInDetectors.names.joined(separator: ", "))"
    }
}

public import Policy

/// YAML for people → one policy, checked. Every fault is found at once.
public enum PolicyCompiler {
    /// A policy that was read and found sound.
    public struct Checked: Sendable {
        public var model: PolicyModel
        /// In the order of the source; none is an error.
        public var warnings: [Diagnostic]
    }

    /// Reads, merges and checks a policy.
    ///
    /// - Parameter files: in any order; the outcome does not depend on it.
    /// - Throws: everything that is wrong, in the order of the source.
    public static func check(files: [PolicySource]) throws(PolicyFaults) -> Checked {
        var loader = PolicyLoader()
        let draft = loader.load(files)
        var sink = loader.checker.sink
        ReferenceCheck(draft: draft, builtInDetectors: builtInDetectors).run(into: &sink)
        ReachabilityCheck(draft: draft).run(into: &sink)
        guard sink.errorCount == 0 else { throw PolicyFaults(diagnostics: sink.sorted) }
        return Checked(model: draft.model, warnings: sink.sorted)
    }

    static let builtInDetectors: [String] = [
        "credit-card", "us-ssn", "iban", "email", "phone",
    ]
}

import Policy
import PolicyCompiler

/// YAML of any bytes is refused with diagnostics, or becomes a bundle that is sound, and the same one each time.
enum PolicyCompilerHarness {
    /// - Parameter input: Files, with a NUL byte between one and the next.
    static func run(_ input: [UInt8]) throws(Violation) {
        let files = input.split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false).enumerated().map {
            PolicySource(name: "\($0.offset).yaml", bytes: Array($0.element))
        }
        let compiled: CompiledPolicy
        do throws(PolicyFaults) {
            compiled = try PolicyCompiler.compile(files: files)
        } catch {
            try Violation.unless(
                error.diagnostics.contains { $0.severity == .error }, "a policy was refused without an error")
            _ = error.description
            return
        }
        _ = compiled.warnings.map(\.description)
        guard let bundle = try? PolicyBundle(validating: compiled.bundle) else {
            throw Violation("a bundle that was just compiled is refused")
        }
        try Violation.unless(bundle.digest == compiled.digest, "the bundle has another digest")
        try Violation.unless(bundle.ruleCount == compiled.model.rules.count, "the bundle has other rules")
        let again = try? PolicyCompiler.compile(files: files.reversed())
        try Violation.unless(again?.bundle == compiled.bundle, "the order of files changes the bundle")
        _ = try? PolicyTestSuite.read(files, for: compiled.model)
    }
}

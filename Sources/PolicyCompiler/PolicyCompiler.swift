import Crypto
public import Policy

/// YAML for people → one policy, checked → the bundle that sidecars run. Every fault is found at once.
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
        ReferenceCheck(draft: draft, builtInDetectors: BuiltInDetectors.names).run(into: &sink)
        ReachabilityCheck(draft: draft).run(into: &sink)
        RequestCheck(draft: draft).run(into: &sink)
        guard sink.errorCount == 0 else { throw PolicyFaults(diagnostics: sink.sorted) }
        return Checked(model: draft.model, warnings: sink.sorted)
    }

    /// Reads, merges, checks and lays out a policy. The same policy gives the same bytes, however it is spread over files
    /// and in whichever order.
    ///
    /// - Throws: everything that is wrong, in the order of the source.
    public static func compile(files: [PolicySource]) throws(PolicyFaults) -> CompiledPolicy {
        let checked = try check(files: files)
        do {
            var digest: [UInt8] = []
            let detectors = try DetectorCompiler.compile(
                enabled: checked.model.classifications.flatMap(\.detectors), custom: checked.model.customDetectors)
            let bundle = try BundleWriter.encode(checked.model, detectors: detectors) { bytes in
                digest = Array(SHA256.hash(data: bytes))
                return digest
            }
            return CompiledPolicy(model: checked.model, warnings: checked.warnings, bundle: bundle, digest: digest)
        } catch {
            throw PolicyFaults(diagnostics: [
                Diagnostic(severity: .error, location: nil, message: "the policy cannot be laid out: \(error)")
            ])
        }
    }

    /// Reads and compiles the policy in a directory, or in one file.
    ///
    /// - Throws: ``PolicyFaults``, or ``PolicyDirectory/ReadError`` when files cannot be read.
    public static func compile(path: String) throws -> CompiledPolicy {
        try compile(files: PolicyDirectory.read(path))
    }
}

/// A policy, and the bundle that it became.
public struct CompiledPolicy: Sendable {
    public var model: PolicyModel
    /// In the order of the source; none is an error.
    public var warnings: [Diagnostic]
    public var bundle: [UInt8]
    /// SHA-256 over what the policy says, as the bundle's header holds it.
    public var digest: [UInt8]

    /// `sha256:` and the digest in hexadecimal.
    public var digestText: String {
        "sha256:"
            + digest.map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0\(digits)" : digits
            }.joined()
    }
}

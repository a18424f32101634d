import Enforcement
import Policy
import PolicyCompiler

/// The policies that sessions are fuzzed under. One that does not compile is the harness's own fault, and ends it: nothing would be looked at.
enum FuzzPolicy {
    /// - Parameter rest: What the policy says beside its head.
    static func bundle(_ rest: String) -> PolicyBundle {
        let head = """
            apiVersion: stile.dev/v1
            kind: Policy
            metadata: { name: fuzz }
            identity: { issuers: [{ url: "https://id.example", audience: a }] }

            """
        do {
            let compiled = try PolicyCompiler.compile(files: [PolicySource(name: "fuzz.yaml", text: head + rest)])
            return try PolicyBundle(validating: compiled.bundle)
        } catch {
            fatalError("a fuzzing policy does not compile: \(error)")
        }
    }

    static func scanner(_ bundle: PolicyBundle, resource: String) -> DetectorScanner? {
        do {
            return try DetectorScanner(bundle: bundle, resource: resource)
        } catch {
            fatalError("a fuzzing policy's detectors cannot be read: \(error)")
        }
    }

    static func policy(_ rest: String, resource: String) -> BundlePolicy {
        let bundle = bundle(rest)
        return BundlePolicy(
            bundle: bundle, resource: resource, maskKey: nil, scanner: scanner(bundle, resource: resource))
    }
}

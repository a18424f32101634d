import Policy
import PolicyCompiler
import TestKit
import Testing

/// The digest says which policy is in force, so one policy has one digest.
@Suite struct DeterminismTests {
    @Test func `files in any order and under any name give the same bytes`() throws {
        let files = try PolicyDirectory.read(exampleDirectory)
        let expected = try PolicyCompiler.compile(files: files)
        var random = SeededGenerator(seed: 11)
        for round in 0..<20 {
            let shuffled = files.shuffled(using: &random).enumerated().map { index, file in
                PolicySource(name: "\(round)-\(index).yaml", bytes: file.bytes)
            }
            let compiled = try PolicyCompiler.compile(files: shuffled)
            #expect(compiled.bundle == expected.bundle)
            #expect(compiled.digest == expected.digest)
        }
    }

    @Test func `entries in any order give the same bytes`() throws {
        var random = SeededGenerator(seed: 13)
        let rules = (0..<40).map { index in
            let effect = index % 3 == 0 ? "deny" : "allow"
            let groups = ["a\(index)", "b", "c"].shuffled(using: &random).joined(separator: ", ")
            return "  - { name: r\(index), \(effect): [select, insert], to: { groups: [\(groups)] } }\n"
        }
        let kinds = (0..<10).map { "  k\($0): { columns: [a.b.c\($0), d.e.f], detectors: [email, us-ssn] }\n" }
        func policy(_ rules: [String], _ kinds: [String]) throws -> CompiledPolicy {
            let text = soundBase + rules.joined()
            let other = "apiVersion: stile.dev/v1\nkind: Policy\nclassifications:\n" + kinds.joined()
            return try PolicyCompiler.compile(files: [
                PolicySource(name: "a.yaml", text: text), PolicySource(name: "b.yaml", text: other),
            ])
        }
        let expected = try policy(rules, kinds)
        for _ in 0..<20 {
            let compiled = try policy(rules.shuffled(using: &random), kinds.shuffled(using: &random))
            #expect(compiled.bundle == expected.bundle)
        }
    }

    @Test func `another policy has another digest`() throws {
        let one = try PolicyCompiler.compile(files: [PolicySource(name: "a.yaml", text: soundBase)])
        let other = try PolicyCompiler.compile(files: [
            PolicySource(name: "a.yaml", text: soundBase.replacing("groups: support", with: "groups: supporters"))
        ])
        #expect(one.digest != other.digest)
    }

    @Test func `a bundle is read back as the policy that was written`() throws {
        let compiled = try PolicyCompiler.compile(files: PolicyDirectory.read(exampleDirectory))
        let bundle = try PolicyBundle(validating: compiled.bundle)
        #expect(bundle.model == compiled.model.normalized())
        #expect(bundle.digest == compiled.digest)
    }
}

/// What the compiler puts into a bundle for detectors.
@Suite struct BundledDetectorTests {
    @Test func `the bundle holds the tables of the detectors that classifications name, and of no others`() throws {
        let compiled = try PolicyCompiler.compile(files: PolicyDirectory.read(exampleDirectory))
        let bundle = try PolicyBundle(validating: compiled.bundle)
        let tables = try DetectorTables(validating: bundle.detectorBytes)
        #expect(tables.names == ["credit-card", "email", "loyalty-number", "phone", "us-ssn"])
    }

    @Test func `an unknown detector is told with the nearest one that ships`() {
        #expect(
            diagnostics("classifications:\n  x: { detectors: credit-cards }\n") == [
                "p.yaml:4:19: error: no detector is called 'credit-cards'; did you mean 'credit-card'?"
            ])
    }
}

import Testing

@testable import Policy

struct BundleCorruptionTests {
    private func bundle(_ policies: inout RandomPolicies, rules: Int) throws -> [UInt8] {
        try BundleWriter.encode(policies.model(rules: rules), detectors: [1, 2, 3], digest: noDigest)
    }

    @Test("No byte after the digest can change unnoticed")
    func everyByteCounts() throws {
        var policies = RandomPolicies(random: SeededGenerator(seed: 1))
        let bytes = try bundle(&policies, rules: 6)
        for index in bytes.indices where !(BundleLayout.digestOffset..<BundleLayout.checksumOffset).contains(index) {
            var flipped = bytes
            flipped[index] ^= 1 << UInt8(index % 8)
            #expect(throws: BundleError.self) { try PolicyBundle(validating: flipped) }
        }
    }

    @Test("A bundle that was cut short is refused wherever the cut is")
    func truncation() throws {
        var policies = RandomPolicies(random: SeededGenerator(seed: 2))
        let bytes = try bundle(&policies, rules: 6)
        for length in stride(from: 0, to: bytes.count, by: 3) {
            #expect(throws: BundleError.self) { try PolicyBundle(validating: Array(bytes[..<length])) }
        }
    }

    @Test("Corruption with a mended checksum is refused or harmless", arguments: 0..<8 as Range<UInt64>)
    func mendedCorruption(seed: UInt64) throws {
        var policies = RandomPolicies(random: SeededGenerator(seed: seed))
        for _ in 0..<12 {
            let bytes = try bundle(&policies, rules: Int.random(in: 0...20, using: &policies.random))
            for _ in 0..<60 {
                let corrupted = BundleLayout.mended(corrupted(bytes, &policies.random))
                guard let bundle = try? PolicyBundle(validating: corrupted) else {
                    continue
                }
                exercise(bundle, &policies)
            }
        }
    }

    @Test("Bytes that are no bundle at all are refused", arguments: [0, 1, 8, 63, 64, 207, 208, 4096])
    func noise(length: Int) {
        var random = SeededGenerator(seed: UInt64(length))
        for _ in 0..<50 {
            let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(throws: BundleError.self) { try PolicyBundle(validating: noise) }
            #expect(throws: BundleError.self) { try PolicyBundle(validating: BundleLayout.mended(noise)) }
        }
    }

    @Test("A fault names its section and its place")
    func faultsHaveAPlace() throws {
        var policies = RandomPolicies(random: SeededGenerator(seed: 3))
        var bytes = try bundle(&policies, rules: 6)
        let good = try PolicyBundle(validating: bytes)
        let rules = good.section(.rules).range
        bytes[rules.lowerBound + 4] = 200
        do throws(BundleError) {
            _ = try PolicyBundle(validating: BundleLayout.mended(bytes))
            Issue.record("the bundle was taken")
        } catch {
            #expect(error.section == "rules")
            #expect(rules.contains(error.offset))
            #expect(error.description.contains("effect 200 is unknown"))
        }
    }

    @Test("A file that is not there, or is no bundle, is refused by name")
    func unreadable() {
        #expect(throws: BundleError.self) { try PolicyBundle(mapping: "/nonexistent/policy.bundle") }
        #expect(throws: BundleError.self) { try PolicyBundle(mapping: "/proc/self") }
    }

    private func corrupted(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let index = Int.random(in: 56..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 2: bytes.swapAt(index, Int.random(in: 56..<bytes.count, using: &random))
            case 3: for index in index..<min(index + 8, bytes.count) { bytes[index] = 0xFF }
            case 4: for index in index..<min(index + 4, bytes.count) { bytes[index] = 0 }
            default: if random.chance(20) { bytes.removeLast(min(8, bytes.count - 300)) }
            }
        }
        return bytes
    }

    /// Every look-up there is.
    private func exercise(_ bundle: PolicyBundle, _ policies: inout RandomPolicies) {
        _ = bundle.model
        _ = bundle.detectorBytes
        for _ in 0..<5 {
            let operation = policies.operation()
            let subject = policies.subject()
            _ = bundle.decide(operation, by: subject)
            _ = bundle.decide(bundle.resolve(operation), by: bundle.prepare(subject))
        }
        for resource in ["db", "warehouse"] {
            _ = bundle.columnClass(resource: resource, column: ["shop", "customers", "ssn"])
            _ = bundle.detectorNames(resource: resource)
            _ = bundle.hasClassifiedColumns(resource: resource)
        }
    }
}

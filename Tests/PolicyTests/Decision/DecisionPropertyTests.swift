import Policy
import Testing

struct DecisionPropertyTests {
    @Test("The tables decide as the rules read, one by one", arguments: 0..<8 as Range<UInt64>)
    func tablesAgreeWithReference(seed: UInt64) throws {
        var policies = RandomPolicies(random: SeededGenerator(seed: seed))
        for round in 0..<40 {
            let model = policies.model(rules: [0, 1, 4, 12, 40, 200][round % 6])
            let bundle = try PolicyBundle(validating: BundleWriter.encode(model, digest: noDigest))
            let reference = ReferenceDecider(model: model)
            for _ in 0..<20 {
                let operation = policies.operation()
                let subject = policies.subject()
                let expected = reference.decide(operation, by: subject)
                #expect(worded(bundle.decide(operation, by: subject)) == expected)
                #expect(worded(bundle.decide(bundle.resolve(operation), by: bundle.prepare(subject))) == expected)
            }
        }
    }

    @Test("What was prepared with one bundle is prepared again for another")
    func staleRowsAreNotUsed() throws {
        var policies = RandomPolicies(random: SeededGenerator(seed: 99))
        for _ in 0..<100 {
            let before = try PolicyBundle(validating: BundleWriter.encode(policies.model(rules: 30), digest: noDigest))
            let model = policies.model(rules: 30)
            let after = try PolicyBundle(validating: BundleWriter.encode(model, digest: noDigest))
            let operation = policies.operation()
            let subject = policies.subject()
            let expected = ReferenceDecider(model: model).decide(operation, by: subject)
            #expect(worded(after.decide(before.resolve(operation), by: before.prepare(subject))) == expected)
            #expect(worded(after.decide(operation, by: before.prepare(subject))) == expected)
        }
    }

    /// The verdict without the words of what a column may not decide.
    private func worded(_ verdict: Verdict) -> Verdict {
        var verdict = verdict
        if verdict.message?.hasPrefix(ReferenceDecider.steeringMessage) == true {
            verdict.message = ReferenceDecider.steeringMessage
        }
        return verdict
    }
}

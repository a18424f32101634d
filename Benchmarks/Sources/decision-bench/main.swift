import BenchmarkRows
import Policy

// Decision time at 10, 1,000 and 10,000 rules. Times are of this machine and this moment; what must hold anywhere is the
// ratio of two of them: the cost of a decision does not follow the number of rules.

let sizes = [10, 1_000, 10_000]
let limit = 1.5

func noDigest(_: [UInt8]) -> [UInt8] {
    [UInt8](repeating: 0, count: 32)
}

let models = sizes.map { SamplePolicies.model(rules: $0) }
let encoded = try models.map { try BundleWriter.encode($0, digest: noDigest) }
let bundles = try encoded.map { try PolicyBundle(validating: $0) }

print("rules        bundle bytes   layout ms   validation ms")
let layouts = medians(
    batches: 5, of: 1, models.map { model in { _ = try? BundleWriter.encode(model, digest: noDigest) } })
let validations = medians(batches: 15, of: 1, encoded.map { bytes in { _ = try? PolicyBundle(validating: bytes) } })
for index in sizes.indices {
    print(
        padded("\(sizes[index])", 13) + padded("\(encoded[index].count)", 15)
            + padded(figure(layouts[index].nanoseconds / 1e6), 12) + figure(validations[index].nanoseconds / 1e6))
}

/// Measures a decision on every bundle, prints the line, and returns the ratio of the last time to the first.
func report(_ what: String, calls: Int, _ decide: (PolicyBundle) -> () -> Void) -> Double {
    let nanoseconds = medians(of: calls, bundles.map(decide)).map(\.nanoseconds)
    let ratio = nanoseconds[nanoseconds.count - 1] / max(nanoseconds[0], 1)
    print(padded(what, 56) + nanoseconds.map { padded(figure($0), 10) }.joined() + figure(ratio))
    return ratio
}

print("\n" + padded("ns a decision", 56) + sizes.map { padded("\($0)", 10) }.joined() + "last/first")
var ratios: [Double] = []
for (name, operation) in SamplePolicies.operations {
    ratios.append(
        report("\(name), from scratch", calls: 200) { bundle in
            { _ = bundle.decide(operation, by: SamplePolicies.subject) }
        })
    ratios.append(
        report("\(name), session known", calls: 200) { bundle in
            let rows = bundle.prepare(SamplePolicies.subject)
            return { _ = bundle.decide(operation, by: rows) }
        })
    ratios.append(
        report("\(name), session and statement known", calls: 1_000) { bundle in
            let rows = bundle.prepare(SamplePolicies.subject)
            let resolved = bundle.resolve(operation)
            return { _ = bundle.decide(resolved, by: rows) }
        })
}

let worst = ratios.max() ?? .infinity
print("\nworst ratio \(figure(worst)), limit \(limit)")
try [
    BenchmarkRow(
        "a decision at 10,000 rules, the worst of \(ratios.count)", ours: worst, unit: "× at 10 rules", target: limit),
    BenchmarkRow("validating a bundle of 10,000 rules", ours: validations[2].nanoseconds / 1e6, unit: "ms"),
].writeWhereAsked()

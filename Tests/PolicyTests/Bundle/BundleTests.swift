import Glibc
import Policy
import Testing

struct BundleTests {
    @Test("A policy comes out of its bundle as it went in", arguments: 0..<6 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var policies = RandomPolicies(random: SeededGenerator(seed: seed))
        for round in 0..<30 {
            let model = policies.model(rules: round)
            let detectors = (0..<round).map { UInt8($0) }
            let bundle = try PolicyBundle(
                validating: BundleWriter.encode(model, detectors: detectors, digest: noDigest))
            #expect(bundle.model == model.normalized())
            #expect(bundle.detectorBytes == detectors)
            #expect(bundle.digest == noDigest([]))
        }
    }

    @Test("The order of lists makes no difference to the bytes")
    func orderDoesNotMatter() throws {
        var policies = RandomPolicies(random: SeededGenerator(seed: 5))
        for _ in 0..<50 {
            let model = policies.model(rules: 30)
            var shuffled = model
            shuffled.rules.shuffle(using: &policies.random)
            shuffled.issuers.shuffle(using: &policies.random)
            shuffled.resources.shuffle(using: &policies.random)
            shuffled.classifications.shuffle(using: &policies.random)
            for index in shuffled.rules.indices {
                shuffled.rules[index].condition.objects.shuffle(using: &policies.random)
                shuffled.rules[index].condition.methods.shuffle(using: &policies.random)
                shuffled.rules[index].condition.hosts.shuffle(using: &policies.random)
                shuffled.rules[index].condition.ports.shuffle(using: &policies.random)
                shuffled.rules[index].condition.paths.shuffle(using: &policies.random)
                shuffled.rules[index].subjects.groups.shuffle(using: &policies.random)
                shuffled.rules[index].vouches.functions.shuffle(using: &policies.random)
                shuffled.rules[index].approval?.groups.shuffle(using: &policies.random)
            }
            #expect(
                try BundleWriter.encode(model, digest: noDigest) == BundleWriter.encode(shuffled, digest: noDigest))
        }
    }

    @Test("The digest is over everything that follows it")
    func digestCoversTheRest() throws {
        var seen: [UInt8] = []
        let bytes = try BundleWriter.encode(PolicyModel(name: "p")) { input in
            seen = input
            return noDigest(input)
        }
        #expect(seen == Array(bytes[48...]))
        #expect(try PolicyBundle(validating: bytes).digestedBytes == seen)
    }

    @Test("A mapped bundle is the one that was written")
    func mapping() throws {
        var policies = RandomPolicies(random: SeededGenerator(seed: 11))
        let bytes = try BundleWriter.encode(policies.model(rules: 50), digest: noDigest)
        let file = try #require(tmpfile())
        defer { fclose(file) }
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
        fflush(file)
        let path = "/proc/self/fd/\(fileno(file))"
        let mapped = try PolicyBundle(mapping: path)
        #expect(mapped.bytes == bytes)
        let copied = try PolicyBundle(validating: bytes)
        for _ in 0..<20 {
            let operation = policies.operation()
            let subject = policies.subject()
            #expect(mapped.decide(operation, by: subject) == copied.decide(operation, by: subject))
        }
    }

    @Test("A few bytes cannot make a reader build gigabytes of text")
    func textIsBounded() {
        var model = PolicyModel(name: "p")
        model.maskKeyFile = String(repeating: "k", count: 1 << 20)
        model.issuers = (0..<20).map { Issuer(url: "\($0)", audience: model.maskKeyFile ?? "") }
        #expect(throws: BundleWriterError.self) { try BundleWriter.encode(model, digest: noDigest) }
    }

    @Test("A model that a bundle could not carry is refused")
    func writerRefuses() {
        func code(_ change: (inout PolicyModel) -> Void) -> BundleWriterError.Code? {
            var model = PolicyModel(name: "p")
            change(&model)
            do throws(BundleWriterError) {
                _ = try BundleWriter.encode(model, digest: noDigest)
                return nil
            } catch {
                return error.code
            }
        }
        let rule = Rule(name: "r", effect: .allow, verbs: [.select])
        #expect(code { $0.rules = [rule, rule] } == .duplicateName)
        #expect(code { $0.rules = [Rule(name: "r", effect: .deny, verbs: [], resources: ["nowhere"])] } == .unknownName)
        #expect(
            code {
                $0.rules = [rule]
                $0.rules[0].condition.classifications = ["nothing"]
            } == .unknownName)
        #expect(
            code {
                $0.rules = [rule]
                $0.rules[0].condition.objects = ["a..b"]
            } == .invalidGlob)
        #expect(
            code {
                $0.rules = [rule]
                $0.rules[0].condition.paths = ["v1"]
            } == .invalidGlob)
    }
}

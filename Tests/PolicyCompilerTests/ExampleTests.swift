import Foundation
import Policy
import PolicyCompiler
import TestKit
import Testing

/// The example is what people start from.
@Suite struct ExampleTests {
    @Test func `the example has nothing wrong and nothing to warn of`() throws {
        let files = try PolicyDirectory.read(exampleDirectory)
        #expect(files.count == 5)
        #expect(diagnostics(of: files).map { $0.replacing("\(exampleDirectory)/", with: "") } == [])
    }

    @Test func `the example says what its author means`() throws {
        let model = try PolicyCompiler.check(files: PolicyDirectory.read(exampleDirectory)).model
        #expect(model.name == "support-assistant")
        let hold = try #require(model.rules.first { $0.name == "phi-needs-a-person" })
        #expect(hold.effect == .hold)
        #expect(hold.verbs == [.select])
        #expect(hold.condition.classifications == ["phi"])
        #expect(hold.approval == ApprovalTerms(groups: ["security"], withinSeconds: 600))
        let bulk = try #require(model.rules.first { $0.name == "no-bulk-reads" })
        #expect(bulk.condition == Condition(classifications: ["pii", "national-ids", "cards"], with: .unbounded))
        #expect(bulk.message == "Name the customers you need.")
        #expect(model.rules.first { $0.name == "no-notes-by-night-shift" }?.mode == .observe)
        #expect(model.classifications.first { $0.name == "cards" }?.mask == .keepLast(4))
        #expect(model.classifications.first { $0.name == "birthdays" }?.mask == .truncateDate(.year))
        #expect(model.recording == Recording(responses: .masked))
        #expect(model.maskKeyFile == "/var/run/stile/mask-key")
        #expect(
            model.resources == [
                Resource(
                    name: "customers-db", listen: "127.0.0.1:5432", upstream: "db.internal:5432",
                    usernameFile: "/var/run/stile/db/username", passwordFile: "/var/run/stile/db/password",
                    databases: ["customers"])
            ])
    }

    @Test func `the demo's policy compiles once it is filled in`() throws {
        let directory = exampleDirectory.replacing("examples/policy", with: "examples/demo/policy")
        var port = 5000
        let files = try PolicyDirectory.read(directory).map { file in
            var text = String(decoding: file.bytes, as: UTF8.self)
            for name in ["port", "podPort", "proxyPort", "toolsPort", "outside", "upstream"] {
                port += 1
                text = text.replacing("{{\(name)}}", with: "\(port)")
            }
            while let start = text.firstRange(of: "{{"), let end = text.firstRange(of: "}}") {
                text.replaceSubrange(start.lowerBound..<end.upperBound, with: "/run/file")
            }
            return PolicySource(name: file.name, text: text)
        }
        #expect(diagnostics(of: files) == [])
    }

    @Test(arguments: ["http", "egress"])
    func `the examples of APIs and of egress compile`(name: String) throws {
        let directory = exampleDirectory.replacing("examples/policy", with: "examples/\(name)")
        let files = try PolicyDirectory.read(directory).map {
            PolicySource(name: $0.name, text: String(decoding: $0.bytes, as: UTF8.self))
        }
        #expect(!files.isEmpty && diagnostics(of: files) == [])
    }

    @Test func `ten thousand rules are checked and compiled in seconds`() throws {
        let rules = (0..<10_000).map { index in
            let effect = ["allow", "deny", "hold"][index % 3]
            let approval = effect == "hold" ? ", approval: { by: { groups: sec } }" : ""
            return
                "  - { name: r\(index), \(effect): [select, insert], on: db, to: { groups: [g\(index % 500), h\(index)] }, "
                + "where: { tables: [\"s\(index % 100).t*\"] }\(approval) }\n"
        }
        let policy = PolicySource(name: "p.yaml", text: soundBase + rules.joined())
        let time = ContinuousClock().measure {
            #expect(throws: Never.self) { try PolicyCompiler.compile(files: [policy]) }
        }
        // A build without optimisation on a busy machine; the bound is against what grows with the square.
        #expect(time < .seconds(60), "\(time)")
    }

    @Test func `whatever is done to the example, the compiler answers`() throws {
        let files = try PolicyDirectory.read(exampleDirectory)
        var random = SeededGenerator(seed: 7)
        let junk: [[UInt8]] =
            ["{", "}", "[", "]", ":", "- ", "\n", "  ", "\"", "'", "*", "&a", "!", "|", "\t", "null", "0", "\u{0}"].map
        { Array($0.utf8) } + [[0xFF], [0xC3]]
        // More rounds, and other ones, to look for a crash: STILE_FUZZ_ROUNDS=100000.
        let rounds = ProcessInfo.processInfo.environment["STILE_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 1500
        for _ in 0..<rounds {
            var mutated = files
            let index = Int.random(in: 0..<files.count, using: &random)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                var bytes = mutated[index].bytes
                let at = Int.random(in: 0..<max(1, bytes.count), using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.insert(contentsOf: junk.randomElement(using: &random) ?? [], at: at)
                case 1: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...9, using: &random)))
                case 2:
                    bytes.replaceSubrange(at..<min(bytes.count, at + 1), with: junk.randomElement(using: &random) ?? [])
                default: bytes = Array(bytes.prefix(at))
                }
                mutated[index].bytes = bytes
            }
            do throws(PolicyFaults) {
                _ = try PolicyCompiler.check(files: mutated)
            } catch {
                #expect(error.diagnostics.contains { $0.severity == .error })
                #expect(error.diagnostics.allSatisfy { !$0.message.contains("\n") })
            }
        }
    }
}

let exampleDirectory =
    String(#filePath.dropLast("/Tests/PolicyCompilerTests/ExampleTests.swift".count)) + "/examples/policy"

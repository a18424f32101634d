import Testing

@testable import Policy

struct RequestPathGlobTests {
    @Test(
        "A request path glob matches segment by segment",
        arguments: [
            ("/", [], true),
            ("/", ["v1"], false),
            ("/**", [], true),
            ("/**", ["a", "b", "c"], true),
            ("/*", [], false),
            ("/*", ["a"], true),
            ("/*", ["a", "b"], false),
            ("/v1/customers/*", ["v1", "customers", "7"], true),
            ("/v1/customers/*", ["v1", "customers"], false),
            ("/v1/customers/*", ["v1", "customers", "7", "orders"], false),
            ("/v1/customers/*", ["v1", "Customers", "7"], false),
            ("/v1/reports/**", ["v1", "reports"], true),
            ("/v1/reports/**", ["v1", "reports", "2024", "q1"], true),
            ("/v1/reports/**", ["v1"], false),
            ("/v1/reports/**", ["v1", "reports2"], false),
            ("/v1/rep*s/x", ["v1", "reps", "x"], true),
            ("/v1.2/a", ["v1.2", "a"], true),
            ("/v1.2/a", ["v1", "2", "a"], false),
            ("/a\"b", ["a\"b"], true),
            ("/a/b", ["a/b"], false),
            ("/é", ["e\u{301}"], false),
            ("/shop/customers", ["", "shop", "customers"], false),
        ] as [(String, [String], Bool)])
    func paths(glob: String, path: [String], matches: Bool) throws {
        #expect(try Glob(requestPath: glob).matches(requestPath: path) == matches)
    }

    @Test(
        "What is no request path glob is refused with its reason",
        arguments: [
            ("", .empty), ("v1", .noPath), ("*", .noPath), ("//", .emptySegment), ("/a//b", .emptySegment),
            ("/a/", .emptySegment), ("/**/a", .misplacedDoubleStar), ("/a**", .misplacedDoubleStar),
            ("/***", .misplacedDoubleStar), ("/a\nb", .controlCharacter),
            (String(repeating: "/a", count: 25), .tooManySegments),
            (String(repeating: "/a", count: 25) + "/**", .tooManySegments),
            ("/" + String(repeating: "*a", count: 16), .tooManyWildcards),
            ("/" + String(repeating: "a", count: 512), .tooLong),
        ] as [(String, GlobError.Code)])
    func refused(text: String, code: GlobError.Code) {
        do throws(GlobError) {
            _ = try Glob(requestPath: text)
            Issue.record("'\(text)' was taken")
        } catch {
            #expect(error.code == code)
        }
    }

    @Test("The longest request path glob there is can be kept in a bundle, and is found")
    func longest() throws {
        let text = String(repeating: "/a*b", count: 24)
        for text in [text, text + "/**"] {
            var model = PolicyModel(name: "p")
            model.resources = [Resource(name: "api", protocolName: .http, listen: "127.0.0.1:1", upstream: "api:443")]
            model.rules = [
                Rule(name: "r", effect: .allow, verbs: [.select], condition: Condition(paths: [text])),
                Rule(name: "other", effect: .deny, verbs: [.select], condition: Condition(paths: ["/a/**"])),
            ]
            let bundle = try PolicyBundle(validating: BundleWriter.encode(model, digest: noDigest))
            let operation = Operation(
                resource: "api",
                accesses: [
                    Access(verb: .select, object: ObjectPath([String](repeating: "axb", count: 24)))
                ], request: RequestFacts(method: "GET", host: "api"))
            #expect(bundle.decide(operation, by: Subject(id: "ann", issuer: "i")).rules == ["r"])
        }
    }

    @Test("Globs agree with a matcher that has nothing clever", arguments: 0..<4 as Range<UInt64>)
    func agreesWithReference(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        func segment(_ letters: [String], _ shortest: Int) -> String {
            (0..<Int.random(in: shortest...3, using: &random)).map { _ in random.pick(letters) }.joined()
        }
        for _ in 0..<4_000 {
            var pattern = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                "/" + segment(["a", "b", "*", "."], 1).replacing(#/\*+/#, with: "*")
            }
            if random.chance(30) { pattern.append("/**") }
            let text = pattern.isEmpty ? "/" : pattern.joined()
            let path = (0..<Int.random(in: 0...5, using: &random)).map { _ in segment(["a", "b", "."], 0) }
            let glob = try Glob(requestPath: text)
            #expect(glob.matches(requestPath: path) == ReferenceRequestMatcher.path(text, path), "\(text) \(path)")
        }
    }

    @Test("Hosts are compared without case, and a star takes dots")
    func hosts() throws {
        #expect(try Glob(host: "*.Example.com").matches(host: "eu.api.EXAMPLE.com"))
        #expect(try !Glob(host: "*.example.com").matches(host: "example.com"))
        #expect(try !Glob(host: "*.example.com").matches(host: "example.com.evil"))
        #expect(try Glob(host: "api.example.com").matches(host: "API.example.com"))
        #expect(try !Glob(host: "api.example.com").matches(host: "apixexample.com"))
    }
}

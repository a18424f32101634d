import Testing

@testable import HTTPInspection

@Suite("Forms")
struct FormReaderTests {
    @Test("Names and values are decoded once")
    func pairs() {
        let reading = verified(FormReader(), "a=1+2%203&b%20c=%C3%A9&&d&=e&f=&g=h=i%2541")
        #expect(reading.error == nil)
        #expect(
            reading.texts == [
                .init(.name, "a"), .init(.value, "1 2 3", name: "a"), .init(.name, "b c"),
                .init(.value, "é", name: "b c"),
                .init(.name, "d"), .init(.value, "e"), .init(.name, "f"), .init(.name, "g"),
                .init(.value, "h=i%41", name: "g"),
            ])
    }

    @Test("A replacement is encoded")
    func replacement() {
        #expect(
            replaced(FormReader(), "a=%41&b=2&a=x") { $0.name == "a" ? "<é &=+%>" : nil }
                == "a=%3C%C3%A9+%26%3D%2B%25%3E&b=2&a=%3C%C3%A9+%26%3D%2B%25%3E")
        #expect(replaced(FormReader(), "4111=x&y") { $0.kind == .name ? "*" : "" } == "*=&*")
    }

    @Test("What is written for a text is read as that text", arguments: ["a b", "\r\n\0\u{7F}", "%41", "é&;=", ""])
    func again(_ text: String) {
        let written = replaced(FormReader(), "a=b") { $0.kind == .value ? text : nil }
        let read = verified(FormReader(), written).texts.first { $0.kind == .value }
        #expect((read?.text ?? "") == text)
    }

    @Test("What is ambiguous is named")
    func ambiguities() throws {
        func ambiguities(_ form: String) throws -> HTTPAmbiguities {
            var reader = FormReader()
            var output: [UInt8] = []
            reader.append(form.utf8.span)
            reader.finish()
            while try reader.next(into: &output) != nil {}
            return reader.ambiguities
        }
        #expect(try ambiguities("a=b&c=d") == [])
        #expect(try ambiguities("a=b;c=d") == .semicolon)
        #expect(try ambiguities("a=%4") == .invalidPercent)
        #expect(try ambiguities("a=%C0%AF") == .invalidText)
        #expect(try ambiguities("a=%ED%A0%80&b=%F5%80%80%80") == .invalidText)
        #expect(try ambiguities("a=%00") == [.nul, .control])
        #expect(try ambiguities("a=%2541") == .doubleEncoding)
        #expect(try ambiguities("a=%F0%9F%98%80%E2%82%AC%C3%A9") == [])
    }

    @Test("There are as many pairs as there may be")
    func limits() {
        let most = Array(repeating: "a=b", count: HTTPLimits.queryPairs).joined(separator: "&")
        #expect(DocumentReading(FormReader(), Array(most.utf8)).error == nil)
        #expect(DocumentReading(FormReader(), Array((most + "&c").utf8)).error?.status == 413)
        #expect(verified(FormReader(limit: 8), "a=b&c=d&abcd=efghi").error?.code == .oversizedBody)
    }
}

import Testing

@testable import HTTPInspection

@Suite("Server-sent events")
struct EventStreamReaderTests {
    @Test("Data of several lines is one text, whatever ends the lines", arguments: ["\n", "\r", "\r\n"])
    func joined(_ end: String) {
        let stream = [
            "event: add", "data: 4111 1111", "id: 7", "data:1111 1111", "data:  x", "", "data", "data", "", "",
        ]
        .joined(separator: end)
        let reading = verified(EventStreamReader(), stream)
        #expect(reading.error == nil)
        #expect(
            reading.texts == [
                .init(.note, "add", name: "event"), .init(.note, "7", name: "id"),
                .init(.data, "4111 1111\n1111 1111\n x", name: "add"), .init(.data, "\n", name: "message"),
            ])
    }

    @Test("Comments and fields that nobody knows are looked at, too")
    func notes() {
        let reading = verified(EventStreamReader(), ": hello\n:\nssn 078-05-1120: x\nretry: 10\n\n")
        #expect(
            reading.texts == [
                .init(.note, "hello"), .init(.note, "ssn 078-05-1120: x"), .init(.note, "10", name: "retry"),
            ])
        let masked = replaced(EventStreamReader(), ": hello\nfoo: x\ndatabase: y\nid: 3\n\n") { _ in "***" }
        #expect(masked == ": ***\n: ***\n: ***\nid: ***\n\n")
    }

    @Test("A mark at the beginning is not a field's")
    func mark() {
        #expect(verified(EventStreamReader(), "\u{FEFF}data: a\n\n").texts.map(\.text) == ["a"])
        #expect(verified(EventStreamReader(), "\u{FEFF}\n\ndata: a\n\n").texts.map(\.text) == ["a"])
        #expect(verified(EventStreamReader(), "\u{FEFF}data: a").texts.map(\.text) == ["a"])
        #expect(
            verified(EventStreamReader(), "data: a\n\n\u{FEFF}data: b\n\n").texts
                == [.init(.data, "a", name: "message"), .init(.note, "\u{FEFF}data: b")])
    }

    @Test("An event is given when its empty line is there, without waiting for what may follow a carriage return")
    func prompt() throws {
        var reader = EventStreamReader()
        var output: [UInt8] = []
        reader.append("data: a\r\n\r".utf8.span)
        let text = try #require(try reader.next(into: &output))
        #expect(Array(reader.bytes(of: text)) == Array("a".utf8))
        #expect(try reader.next(into: &output) == nil)
        #expect(output == Array("data: a\r\n\r".utf8))
        reader.append("\ndata: b\r\n\r\n".utf8.span)
        let next = try #require(try reader.next(into: &output))
        #expect(Array(reader.bytes(of: next)) == Array("b".utf8))
        #expect(try reader.next(into: &output) == nil)
        #expect(output == Array("data: a\r\n\r\ndata: b\r\n\r\n".utf8))
    }

    @Test("New data stands where the first line of the old stood, line by line")
    func replacement() {
        let stream = "data: a\r\nid: 1\r\ndata: b\r\n\r\ndata:c\n\ndata: d"
        let masked = replaced(EventStreamReader(), stream) { $0.kind == .data ? "x\ny" : nil }
        #expect(masked == "data: x\r\ndata: y\r\nid: 1\r\n\r\ndata: x\ndata: y\n\ndata: x\ndata: y")
        #expect(replaced(EventStreamReader(), "data: a\ndata: b\n\n") { _ in "" } == "data: \n\n")
        #expect(replaced(EventStreamReader(), "data: a\n\n") { _ in "x\r\ny\rz" } == "data: x\ndata: y\ndata: z\n\n")
    }

    @Test("Data and notes of one event are both replaced")
    func both() {
        let masked = replaced(EventStreamReader(), "data: a\nid: 1\ndata: b\n: c\n\n") { "<\($0.text)>" }
        #expect(masked == "data: <a\ndata: b>\nid: <1>\n: <c>\n\n")
    }

    @Test("A note of two lines is refused: it would be a field of its own")
    func noteOfTwoLines() {
        let reading = DocumentReading(EventStreamReader(), Array("id: 1\n\n".utf8)) { _ in "1\ndata: x" }
        #expect(reading.error?.status == 500)
    }

    @Test("What the stream's end cuts is looked at")
    func cut() {
        #expect(verified(EventStreamReader(), "data: a\n\ndata: b").texts.map(\.text) == ["a", "b"])
        #expect(verified(EventStreamReader(), "data: b\r").texts.map(\.text) == ["b"])
        #expect(verified(EventStreamReader(), "\n\n\r\n\r").texts.isEmpty)
    }

    @Test("An event longer than is taken ends the reading")
    func limit() {
        let reading = verified(EventStreamReader(limit: 16), "data: a\n\ndata: bc\ndata: 56789\n\n")
        #expect(reading.error?.code == .oversizedBody)
        #expect(reading.texts.map(\.text) == ["a"])
    }
}

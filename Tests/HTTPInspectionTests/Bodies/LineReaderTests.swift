import Testing

@testable import HTTPInspection

@Suite("Lines")
struct LineReaderTests {
    @Test("Lines are given without their ends, and written with them")
    func lines() {
        let reading = verified(LineReader(), "{\"a\":1}\n\r\n{\"b\":2}\r\na\rb\n\nlast")
        #expect(reading.error == nil)
        #expect(reading.texts == ["{\"a\":1}", "{\"b\":2}", "a\rb", "last"].map { .init(.line, $0) })
    }

    @Test("A mark at the beginning is not the first line's, and is kept")
    func mark() {
        #expect(verified(LineReader(), "\u{FEFF}a\nb\n").texts.map(\.text) == ["a", "b"])
        #expect(verified(LineReader(), "\u{FEFF}").texts.isEmpty)
        #expect(replaced(LineReader(), "\u{FEFF}a\n") { _ in "x" } == "\u{FEFF}x\n")
    }

    @Test("What is replaced stands where it stood")
    func replacement() {
        #expect(replaced(LineReader(), "a\r\nsecret\nb") { $0.text == "secret" ? "***" : nil } == "a\r\n***\nb")
        #expect(replaced(LineReader(), "a\r\nb\n") { _ in "" } == "\r\n\n")
    }

    @Test("A replacement of two lines is refused")
    func twoLines() {
        for replacement in ["a\nb", "a\r"] {
            let reading = DocumentReading(LineReader(), Array("x\ny\n".utf8)) { _ in replacement }
            #expect(reading.error?.status == 500)
        }
    }

    @Test("A line longer than is taken ends the reading, however it comes")
    func limit() {
        let reading = verified(LineReader(limit: 8), "1234567\n12345678\n")
        #expect(reading.error?.code == .oversizedBody)
        #expect(reading.texts.map(\.text) == ["1234567"])
        #expect(verified(LineReader(limit: 8), "123456789").error?.status == 413)
    }
}

import Testing

@testable import HTTPInspection

@Suite("Tables")
struct CSVReaderTests {
    @Test("Cells have their column's header for a name")
    func cells() {
        let reading = verified(CSVReader(), "id,full name,\"no\"\"te\"\r\n7,Ada,\"a, \"\"b\"\"\r\nc\"\r\n8,,x,y\n")
        #expect(reading.error == nil)
        #expect(
            reading.texts == [
                .init(.value, "id"), .init(.value, "full name"), .init(.value, "no\"te"),
                .init(.value, "7", name: "id"),
                .init(.value, "Ada", name: "full name"), .init(.value, "a, \"b\"\r\nc", name: "no\"te"),
                .init(.value, "8", name: "id"), .init(.value, "x", name: "no\"te"), .init(.value, "y"),
            ])
    }

    @Test("A table may have no header, another separator, a mark and no last line end")
    func variants() {
        #expect(verified(CSVReader(hasHeader: false), "a,b\nc,d").texts.map(\.name) == ["", "", "", ""])
        let tabs = verified(CSVReader(separator: 0x09), "\u{FEFF}\"a\"\tb,c\n1\t2")
        #expect(tabs.texts.map(\.text) == ["a", "b,c", "1", "2"])
        #expect(tabs.texts.map(\.name) == ["", "", "a", "b,c"])
        #expect(verified(CSVReader(), "\n\r\n\"\"\n,,\n").texts.isEmpty)
    }

    @Test("A replacement is quoted where it must be, and where the cell was")
    func replacement() {
        #expect(replaced(CSVReader(), "a,\"b\"\n1,\"2\"\n") { $0.name.isEmpty ? nil : "*" } == "a,\"b\"\n*,\"*\"\n")
        #expect(replaced(CSVReader(), "a\n1\n") { $0.text == "1" ? "x,\"y\"\n" : nil } == "a\n\"x,\"\"y\"\"\n\"\n")
        #expect(replaced(CSVReader(), "a,b\r\n") { _ in "" } == ",\r\n")
    }

    @Test(
        "What programs read in different ways is refused",
        arguments: ["a\"b\n", "\"a\"b\n", "\"a\" ,b\n", " \"a\"\n", "a\rb\n", "a\r", "\"a\"\r\"b\"", "a,\"b\"\"\"c\n"])
    func ambiguous(_ table: String) {
        #expect(verified(CSVReader(), table).error?.code == .ambiguousBody)
    }

    @Test("A table that ends within quotes is none")
    func unclosed() {
        #expect(verified(CSVReader(), "a\n\"b\nc").error?.code == .malformedBody)
    }

    @Test("Records and columns have their maximum")
    func limits() {
        #expect(verified(CSVReader(limit: 8), "a,b\n\"1234567\"\n").error?.code == .oversizedBody)
        let wide = [UInt8](repeating: UInt8(ascii: ","), count: HTTPLimits.columns)
        #expect(DocumentReading(CSVReader(), wide).error?.code == .oversizedBody)
        #expect(DocumentReading(CSVReader(), Array(wide.dropLast())).error == nil)
    }
}

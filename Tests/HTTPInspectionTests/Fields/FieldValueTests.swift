import Testing

@testable import HTTPInspection

@Suite("Fields and their values")
struct FieldValueTests {
    @Test("Fields are replaced where the first stood, removed and counted without their case")
    func editing() throws {
        var edited = try fields(["A": "1", "b": "2", "a": "3", "C": "4"])
        #expect(edited.count(of: "A") == 2)
        try edited.replace("a", with: " 5 ")
        #expect(edited == (try fields(["a": "5", "b": "2", "C": "4"])))
        try edited.replace("D", with: "6")
        #expect(edited.text("d") == "6")
        let copy = edited
        let removed = [edited.remove(named: "B"), edited.remove(named: "B")]
        #expect(removed == [true, false])
        #expect(copy.contains("b"))
        edited.removeAll { name, _ in name.lowercasedText == "c" }
        #expect(edited == (try fields(["a": "5", "D": "6"])))
        #expect(edited.name(at: 9).isEmpty && edited.value(at: -1).isEmpty)
    }

    @Test("Names whose hashes are the same are told apart")
    func collisions() throws {
        // The hash has 16 bits: of 3,000 names many share one.
        var all = HTTPFields()
        for index in 0..<3_000 { try all.append("x-\(index)", "\(index)") }
        for index in 0..<3_000 { #expect(all.text("X-\(index)") == "\(index)") }
    }

    @Test("A list is the tokens of all fields of its name")
    func lists() throws {
        let values = try fields(["Connection": "Close, ,keep-alive", "connection": ",x-a ,"]).all(named: "connection")
        #expect(try FieldList.tokens(values) == ["close", "keep-alive", "x-a"])
        #expect(
            try fields(["Content-Encoding": "gzip, identity", "content-encoding": "BR"]).contentCodings() == [
                "gzip", "br",
            ])
        for value in ["a b", "a;b", "\"a\"", "a, \"b", "a\\", "ä"] {
            let values = try fields(["x": value]).all(named: "x")
            #expect(throws: HTTPError.self, "\(value)") { try FieldList.tokens(values) }
        }
        let many = [Array(String(repeating: "a,", count: 65).utf8)[...]]
        #expect(throws: HTTPError.self) { try FieldList.tokens(many) }
        #expect(
            try FieldList.tokens([Array("WebSocket, h2c/2".utf8)[...]], allowing: UInt8(ascii: "/")) == [
                "websocket", "h2c/2",
            ])
    }

    @Test("Accept-Encoding's weights are read in thousandths")
    func weights() throws {
        let value = Array("gzip, br;q=0.5 , *; Q=0, zstd;x=\"a,b\";q=1.000, deflate;q=0.123".utf8)[...]
        let weighted = try FieldList.weighted([value])
        #expect(weighted.map(\.token) == ["gzip", "br", "*", "zstd", "deflate"])
        #expect(weighted.map(\.weight) == [1_000, 500, 0, 1_000, 123])
        for text in [
            "gzip;q=2", "gzip;q=1.5", "gzip;q=", "gzip;q=.5", "gzip;q=0.1234", "gzip;q", "gzip;=1", ";q=1",
            "gzip;q=\"1",
        ] {
            #expect(throws: HTTPError.self, "\(text)") { try FieldList.weighted([Array(text.utf8)[...]]) }
        }
    }

    @Test("A media type has its type, its charset and its boundary")
    func mediaTypes() throws {
        let json = try MediaType("Application/Problem+JSON ; charset=\"UTF-8\";".utf8)
        #expect(json.type == "application" && json.subtype == "problem+json" && json.suffix == "json")
        #expect(json.charset == "utf-8")
        let multipart = try MediaType("multipart/form-data; boundary=\"a b\\\"c;d\"; x=y".utf8)
        #expect(multipart.boundary.map { String(decoding: $0, as: UTF8.self) } == "a b\"c;d")
        #expect(multipart["x"] == Array("y".utf8))
        #expect(try HTTPFields().mediaType() == nil)
        let two = try fields(["Content-Type": "text/plain", "content-type": "text/html"])
        #expect(throws: HTTPError.self) { try two.mediaType() }
        for text in [
            "", "text", "text/", "/plain", "text/plain/x", "te xt/plain", "text/plain, text/html", "text/plain; a",
            "text/plain; a=\"b",
            "text/plain; charset=utf-8; CHARSET=utf-7", "text/plain; a=b c", "text/plain; =b", "text/plain; a=\"b\"c",
            "text/plain a=b",
        ] {
            #expect(throws: HTTPError.self, "\(text)") { try MediaType(text.utf8) }
        }
    }
}

import Testing

@testable import HTTPInspection

@Suite("What a body is read as")
struct BodyReadingTests {
    private func reading(_ type: String?, _ body: some Sequence<UInt8>) throws -> BodyReading {
        try BodyReading(type.map { try MediaType($0.utf8) }, beginning: Array(body).span)
    }

    @Test(
        "A media type says what it is",
        arguments: [
            ("application/json", .json), ("application/problem+json; charset=UTF-8", .json),
            ("application/x-ndjson", .jsonLines), ("text/event-stream", .eventStream),
            ("application/x-www-form-urlencoded", .form), ("multipart/form-data; boundary=x", .multipart),
            ("text/csv; charset=us-ascii", .csv), ("image/svg+xml", .xml), ("text/html", .html), ("text/plain", .text),
            ("image/png", .opaque(.binary)), ("application/octet-stream", .opaque(.binary)),
            ("application/grpc", .opaque(.binary)),
        ] as [(String, BodyReading.Form)])
    func said(_ type: String, _ form: BodyReading.Form) throws {
        #expect(try reading(type, "hello".utf8) == BodyReading(form, nil))
    }

    @Test("What begins like JSON or XML is looked at as that, too")
    func lies() throws {
        #expect(try reading("text/plain", " \r\n\t{\"a\":1}".utf8) == BodyReading(.text, .json))
        #expect(try reading("text/csv", "\u{FEFF}[1]".utf8) == BodyReading(.csv, .json))
        #expect(try reading("application/json", "<?xml version=\"1.0\"?>".utf8) == BodyReading(.json, .xml))
        #expect(try reading("image/png", "{}".utf8) == BodyReading(.opaque(.binary), .json))
        #expect(try reading("application/x-ndjson", "{}\n{}\n".utf8) == BodyReading(.jsonLines, nil))
        #expect(try reading("text/html", "<!doctype html>".utf8) == BodyReading(.html, nil))
        #expect(try reading("text/plain; charset=utf-16", "{}".utf8) == BodyReading(.opaque(.charset), .json))
    }

    @Test("A body that says nothing is what it looks like")
    func unsaid() throws {
        #expect(try reading(nil, "[1]".utf8) == BodyReading(.json, nil))
        #expect(try reading(nil, "<a/>".utf8) == BodyReading(.xml, nil))
        #expect(try reading(nil, "hello".utf8) == BodyReading(.text, nil))
        #expect(try reading(nil, []) == BodyReading(.text, nil))
    }

    @Test("Charsets other than UTF-8 are not looked into, by name, by mark and by zeros")
    func charsets() throws {
        for charset in ["utf-16", "utf-16le", "utf-32", "utf-7", "iso-8859-1", "iso-2022-jp", "x-user-defined", ""] {
            let body = try reading("text/plain; charset=\"\(charset)\"", "hello".utf8)
            #expect(body.form == .opaque(.charset), "\(charset)")
        }
        let marks: [[UInt8]] = [
            [0xFE, 0xFF, 0, 0x7B], [0xFF, 0xFE, 0x7B, 0], [0, 0, 0xFE, 0xFF], [0, 0x7B, 0, 0x7D], [0x7B, 0, 0x7D, 0],
            [0x7B, 0, 0, 0], Array("+/v8-".utf8),
        ]
        for bytes in marks {
            #expect(try reading("application/json", bytes) == BodyReading(.opaque(.charset), nil), "\(bytes)")
            #expect(try reading(nil, bytes) == BodyReading(.opaque(.charset), nil), "\(bytes)")
        }
        #expect(try reading("text/plain; charset=utf8", "\u{FEFF}hello".utf8).form == .text)
    }

    @Test("Images, archives and programs are not text, whatever they say")
    func binaries() throws {
        let bodies: [[UInt8]] = [
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], [0xFF, 0xD8, 0xFF, 0xE0], Array("GIF89a".utf8),
            [0x50, 0x4B, 0x03, 0x04], [0x1F, 0x8B, 0x08], Array("%PDF-1.7".utf8), Array("{\\rtf1".utf8),
            Array("BZh91AY&SY".utf8), Array("RIFFabcdWEBP".utf8), Array("hello\0there".utf8),
            [0x7F, 0x45, 0x4C, 0x46, 2],
        ]
        for body in bodies {
            for type in [nil, "text/plain", "application/json"] {
                #expect(try reading(type, body) == BodyReading(.opaque(.binary), nil), "\(body)")
            }
        }
        #expect(try reading("application/json-seq", "\u{1E}{}\n".utf8) == BodyReading(.jsonLines, nil))
    }
}

extension BodyReading {
    fileprivate init(_ form: Form, _ alternative: Form?) {
        self.init(form: form, alternative: alternative)
    }
}

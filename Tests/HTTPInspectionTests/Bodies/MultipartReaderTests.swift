import Testing

@testable import HTTPInspection

@Suite("Multipart bodies")
struct MultipartReaderTests {
    private func reader(_ type: String = "multipart/form-data; boundary=XyZ") throws -> MultipartReader {
        try MultipartReader(try MediaType(type.utf8))
    }

    private static let form = [
        "--XyZ", "Content-Disposition: form-data; name=\"a\"", "", "first", "--XyZ",
        "Content-Disposition: form-data; name=\"file\"; filename=\"x.json\"", "Content-Type: application/json", "",
        "{\"a\":\r\n--Xy\r\n-- }\n-", "--XyZ", "Content-Disposition: form-data; name=empty", "", "", "--XyZ--", "",
    ].joined(separator: "\r\n")

    @Test("A form's parts are their heads and their contents")
    func parts() throws {
        let reading = verified(try reader(), MultipartReaderTests.form)
        #expect(reading.error == nil)
        #expect(reading.texts.map(\.kind) == [.partHead, .content, .partHead, .content, .partHead, .content])
        #expect(reading.texts.map(\.name) == ["a", "a", "file", "file", "empty", "empty"])
        let contents = reading.texts.filter { $0.kind == .content }
        #expect(contents.map(\.text) == ["first", "{\"a\":\r\n--Xy\r\n-- }\n-", ""])
        #expect(contents.map(\.isLast) == [true, true, true])
    }

    @Test("The part whose content comes is known")
    func part() throws {
        var reader = try reader()
        var output: [UInt8] = []
        var heads: [PartHead] = []
        reader.append(MultipartReaderTests.form.utf8.span)
        reader.finish()
        while let text = try reader.next(into: &output) {
            if text.kind == .content, text.isLast, let part = reader.part { heads.append(part) }
        }
        #expect(heads.map(\.mediaType?.subtype) == [nil, "json", nil])
        #expect(heads.map(\.fileName) == [nil, Array("x.json".utf8), nil])
    }

    @Test("Content is given before its end has come, and little of it is held")
    func streams() throws {
        var reader = try reader()
        var output: [UInt8] = []
        reader.append("--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n".utf8.span)
        #expect(try reader.next(into: &output)?.kind == .partHead)
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 200_000)
        reader.append(piece.span)
        var count = 0
        while let text = try reader.next(into: &output) {
            #expect(text.range.count <= HTTPLimits.contentWindow)
            #expect(!text.isLast)
            count += text.range.count
        }
        #expect(count == piece.count)
        #expect(output.count == piece.count + 49)
    }

    @Test("A multipart within is read likewise")
    func nested() throws {
        let body = [
            "", "--out", "Content-Type: multipart/mixed; boundary=in", "", "--in", "", "one", "--in",
            "Content-Type: text/html", "", "two", "--in--", "", "--out", "", "three", "--out--",
        ].joined(separator: "\r\n")
        let reading = verified(try reader("multipart/mixed; boundary=out"), body)
        #expect(reading.error == nil)
        #expect(reading.texts.filter { $0.kind == .content }.map(\.text) == ["one", "two", "three"])
        let tight = body.replacing("--in--\r\n\r\n", with: "--in--\r\n")
        #expect(verified(try reader("multipart/mixed; boundary=out"), tight).error == nil)
    }

    @Test("A multipart within one that is within one is not opened")
    func depth() throws {
        let body =
            "--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n"
        #expect(verified(try reader("multipart/mixed; boundary=a"), body).error?.status == 415)
    }

    @Test("Content is replaced where it stood, a piece at a time")
    func replacement() throws {
        let masked = replaced(try reader(), MultipartReaderTests.form) {
            $0.kind == .partHead ? nil : String(repeating: "*", count: $0.text.utf8.count)
        }
        let stars = String(repeating: "*", count: "{\"a\":\r\n--Xy\r\n-- }\n-".utf8.count)
        #expect(
            masked
                == MultipartReaderTests.form.replacing("first", with: "*****")
                .replacing("{\"a\":\r\n--Xy\r\n-- }\n-", with: stars))
    }

    @Test("A replacement that a delimiter comes of is refused, alone and with what it meets")
    func injected() throws {
        func error(_ replacing: @escaping (String) -> String?) throws -> HTTPError? {
            DocumentReading(try reader(), Array(MultipartReaderTests.form.utf8)) {
                $0.kind == .content ? replacing($0.text) : nil
            }.error
        }
        #expect(try error { _ in "a\r\n--XyZ\r\n\r\nb" }?.status == 500)
        #expect(try error { _ in "a\n--XyZ" }?.status == 500)
        #expect(try error { _ in "--XyZ" }?.status == 500)
        #expect(try error { _ in "a --XyZ\r\n--Xy" } == nil)
        var pieces = ["a\r", "\n--X", "yZ--"].makeIterator()
        let meeting = DocumentReading(
            try reader(), Array(MultipartReaderTests.form.replacing("first", with: "abc").utf8), pieces: 1
        ) { $0.kind == .content ? pieces.next() : nil }
        #expect(meeting.error?.status == 500)
    }

    @Test("A head may get another name, and nothing that makes its content another")
    func heads() throws {
        func replacing(_ old: String, _ new: String) throws -> DocumentReading {
            DocumentReading(try reader(), Array(MultipartReaderTests.form.utf8)) {
                $0.kind == .partHead && $0.text.contains(old) ? $0.text.replacing(old, with: new) : nil
            }
        }
        let renamed = try replacing("x.json", "***")
        #expect(renamed.error == nil)
        #expect(renamed.output == MultipartReaderTests.form.replacing("x.json", with: "***"))
        #expect(try replacing("application/json", "text/plain").error?.status == 500)
        #expect(try replacing("filename", "x\r\nA: b\r\n").error != nil)
        #expect(try replacing("\r\n\r\n", "\r\n\r\n\r\n").error != nil)
    }

    @Test(
        "What recipients read in different ways is refused",
        arguments: [
            "x\r\n--B\r\n\r\na\r\n--B--", "\r\n\r\n--B\r\n\r\na\r\n--B--", "--B \r\n\r\na\r\n--B--",
            "--B\n\r\na\r\n--B--",
            "--B\r\n\r\na\n--B\r\n\r\nb\r\n--B--", "--B\r\n\r\na\r--B--", "--B\r\n\r\na\r\n--Bc\r\n--B--",
            "--B\r\n\r\na\r\n--B-\r\n--B--", "--B\r\n\r\n--B--", "--B\r\n\r\na\r\n--B--x", "--B\r\n\r\na\r\n--B--\r\nx",
            "--B\r\nContent-Type: multipart/mixed; boundary=BC\r\n\r\n--BC\r\n\r\na\r\n--BC--\r\n--B--",
            "--B\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\na\r\n--B--",
            "--B\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\na\r\n--c--\r\nx\r\n--B--",
        ])
    func ambiguous(_ body: String) throws {
        #expect(verified(try reader("multipart/mixed; boundary=B"), body).error?.code == .ambiguousBody)
    }

    @Test(
        "A form's part has one name",
        arguments: [
            "", "Content-Disposition: form-data\r\n", "Content-Disposition: attachment; name=a\r\n",
            "Content-Disposition: form-data; name=a; name=b\r\n",
            "Content-Disposition: form-data; name=a; filename=b; filename*=utf-8''c\r\n",
            "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b\r\n",
            "Content-Disposition: form-data;\r\n name=a\r\n", "Content-Disposition : form-data; name=a\r\n",
        ])
    func names(_ head: String) throws {
        #expect(verified(try reader(), "--XyZ\r\n\(head)\r\na\r\n--XyZ--").error != nil)
    }

    @Test("A part with an encoding of its own is not opened", arguments: ["base64", "quoted-printable", "x-uuencode"])
    func encodings(_ encoding: String) throws {
        let body = "--B\r\nContent-Transfer-Encoding: \(encoding)\r\n\r\na\r\n--B--"
        #expect(verified(try reader("multipart/mixed; boundary=B"), body).error?.status == 415)
        #expect(
            verified(try reader("multipart/mixed; boundary=B"), body.replacing(encoding, with: "8BIT")).error == nil)
    }

    @Test("A form without parts is one, and one that ends early is none")
    func ends() throws {
        #expect(verified(try reader(), "--XyZ--\r\n").error == nil)
        #expect(verified(try reader(), "--XyZ--").error == nil)
        for count in [0, 1, 5, 7, 60, MultipartReaderTests.form.utf8.count - 6] {
            let body = String(decoding: Array(MultipartReaderTests.form.utf8.prefix(count)), as: UTF8.self)
            #expect(verified(try reader(), body).error?.code == .truncated, "\(count) bytes")
        }
    }

    @Test(
        "A boundary is one to 70 letters",
        arguments: [
            "multipart/mixed", "multipart/mixed; boundary=\"\"", "multipart/mixed; boundary=\"a \"",
            "multipart/mixed; boundary=\"a\u{e9}\"", "multipart/mixed; boundary=\"a<\"",
            "multipart/mixed; boundary=\(String(repeating: "a", count: 71))",
        ])
    func boundaries(_ type: String) {
        #expect(throws: HTTPError.self) { try reader(type) }
    }

    @Test("There are as many parts as there may be")
    func limit() throws {
        let part = "--B\r\n\r\na\r\n"
        let most = String(repeating: part, count: HTTPLimits.parts) + "--B--"
        #expect(DocumentReading(try reader("multipart/mixed; boundary=B"), Array(most.utf8)).error == nil)
        #expect(
            DocumentReading(try reader("multipart/mixed; boundary=B"), Array((part + most).utf8)).error?.status == 413)
    }
}

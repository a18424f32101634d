import Enforcement
import Foundation
import HTTPInspection
import Policy
import Testing

@Suite("Bodies that are masked as they stream")
struct BodyMaskingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var type: String?
        var body: String
        var expected: String
        var testDescription: String { "\(type ?? "nothing"): \(body.prefix(60))" }

        init(_ type: String?, _ body: String, _ expected: String) {
            self.type = type
            self.body = body
            self.expected = expected
        }
    }

    static let cases: [Case] = [
        Case(
            "application/json", #"{"note":"call 219-09-1234","Name":{"first":"Ann"},"gone":[1],"n":1}"#,
            #"{"note":"call [redacted]","Name":"[redacted]","gone":null,"n":1}"#),
        Case("application/problem+json; charset=utf-8", #"["a@example.com"]"#, #"["[redacted]"]"#),
        Case(nil, #"{"name":"Ann"}"#, #"{"name":"[redacted]"}"#),
        Case(nil, "219-09-1234", "[redacted]"),
        Case(nil, "[INFO] 219-09-1234", "[INFO] [redacted]"),
        Case("text/plain", "ssn 219-09-1234,\ncard 4111 1111 1111 1111.", "ssn [redacted],\ncard **** **** **** 1111."),
        Case("text/plain", #"{"name":"Ann"}"#, #"{"name":"[redacted]"}"#),
        Case("text/plain", "[INFO] 219-09-1234", "[INFO] [redacted]"),
        Case("text/plain", "<b>219-09-&#49;234</b>", "<b>[redacted]</b>"),
        Case(
            "application/x-ndjson", "{\"name\":\"Ann\"}\n\n{\"a\":\"219-09-1234\"}\r\n[1]",
            "{\"name\":\"[redacted]\"}\n\n{\"a\":\"[redacted]\"}\r\n[1]"),
        Case("application/json-seq", "\u{1E}{\"name\":\"Ann\"}\n", "\u{1E}{\"name\":\"[redacted]\"}\n"),
        Case(
            "text/event-stream",
            "event: m\ndata: {\"name\":\ndata: \"Ann\"}\n\ndata: [DONE]\n\ndata: ssn 219-09-1234\n\n",
            "event: m\ndata: {\"name\":\ndata: \"[redacted]\"}\n\ndata: [DONE]\n\ndata: ssn [redacted]\n\n"),
        Case("text/event-stream", ": 219-09-1234\n\n", ": [redacted]\n\n"),
        Case(
            "application/x-www-form-urlencoded", "a=219-09-1234&name=Ann+B&c=x%40y&mrn=12345678",
            "a=%5Bredacted%5D&name=%5Bredacted%5D&c=x%40y&mrn=%5Bredacted%5D"),
        Case("application/x-www-form-urlencoded", #"p={"name":"Ann"}"#, "p=%7B%22name%22%3A%22%5Bredacted%5D%22%7D"),
        // JSON that says it is a form, as curl -d sends it.
        Case("application/x-www-form-urlencoded", #"{"name":"Ann"}"#, #"{"name":"[redacted]"}"#),
        Case(
            "text/csv", "id,name,mrn\r\n1,\"Ann, B\",12345678\r\n2,,x\r\n",
            "id,name,mrn\r\n1,\"[redacted]\",[redacted]\r\n2,,x\r\n"),
        Case("text/tab-separated-values", "id\tname\n1\tAnn\n", "id\tname\n1\t[redacted]\n"),
        Case("application/xml", "<a b='219-09-&#49;234'>x</a>", "<a b='[redacted]'>x</a>"),
        Case("text/html", "<!doctype html><p>219-09-1234", "<!doctype html><p>[redacted]"),
        Case("application/json", "", ""),
        Case(
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nssn 219-09-1234\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"Name\"\r\n\r\nAnn\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"j\"\r\nContent-Type: application/json\r\n\r\n"
                + "{\"name\":\"Ann\"}\r\n--b--\r\n",
            "--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nssn [redacted]\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"Name\"\r\n\r\n[redacted]\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"j\"\r\nContent-Type: application/json\r\n\r\n"
                + "{\"name\":\"[redacted]\"}\r\n--b--\r\n"),
    ]

    @Test("whatever the media type, what is looked for is masked", arguments: cases)
    func masked(body: Case) throws {
        let masked = try MaskedBody(body.body, body.type)
        #expect(masked.text == body.expected)
        #expect(masked.opacity == nil)
        #expect(masked.found.isEmpty == (body.body == body.expected))
        // What is masked is masked.
        #expect(try MaskedBody(masked.text, body.type).text.contains("Ann") == false)
    }

    @Test(
        "what is not what it says, or has two readings, is refused",
        arguments: [
            Case("application/json", "{", ""), Case("application/json", "{\"a\":1,\"a\":2}", ""),
            Case("application/json", "<a/>", ""), Case("application/x-ndjson", "{}\nx\n", ""),
            Case("application/xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", ""),
            Case("text/html", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", ""),
            Case("text/csv", "a,\"b\"c\n", ""), Case("multipart/form-data", "--b--", ""),
            Case("multipart/mixed; boundary=b", "x\r\n--b\r\n\r\n\r\n--b--\r\n", ""),
            Case("text/event-stream", "{\"name\":\n\"Ann\"}", ""),
            Case("text/event-stream", "data: {\"a\":1,\"a\":2}\n\n", ""),
            // Valid as both, with something left in the form when the JSON is masked.
            Case("application/x-www-form-urlencoded", #"{"a":"b&c=219-09%2D1234&d="}"#, ""),
        ])
    func refused(body: Case) throws {
        let refusal = #expect(throws: BodyRefusal.self) { try MaskedBody(body.body, body.type) }
        #expect(refusal.map { (400...415).contains($0.status) && !$0.message.contains("Ann") } == true)
    }

    @Test(
        "what is no text in UTF-8 is opaque, and given as it is",
        arguments: [
            ("image/png", "\u{89}PNG", BodyMasking.Opacity.binary), ("text/plain; charset=utf-16", "abc", .charset),
            ("application/octet-stream", "219-09-1234", .binary), ("text/plain", "\0a\0b", .charset),
            ("text/event-stream", "d\0a\0t\0a\0", .charset),
        ])
    func opaque(type: String, text: String, opacity: BodyMasking.Opacity) throws {
        let masked = try MaskedBody(text, type)
        #expect(masked.opacity == opacity)
        #expect(masked.text == text)
    }

    @Test("a part that is opaque makes the whole so")
    func opaquePart() throws {
        let text = "--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b\r\n\r\n219-09-1234\r\n--b--\r\n"
        let masked = try MaskedBody(text, "multipart/mixed; boundary=b")
        #expect(masked.opacity == .binary)
        #expect(masked.text == text.replacing("219-09-1234", with: "[redacted]"))
    }

    static let gzip = "H4sIAAAAAAACA6tWyssvSVWyUkpOzMlRMDK01DWw1DU0MjZRyMsvV9JRys9WsiopKk2tBQCZyqjBKQAAAA=="

    @Test("codings are opened, and others opaque")
    func codings() throws {
        let coded = [UInt8](try #require(Data(base64Encoded: Self.gzip)))
        let masked = try MaskedBody(coded, "application/json", ["gzip"])
        #expect(masked.opensCoding)
        #expect(masked.text == #"{"note":"call [redacted] now","ok":true}"#)
        let other = try MaskedBody(coded, "application/json", ["snappy"])
        #expect(other.opacity == .coding)
        #expect(other.output == coded)
        #expect(!other.opensCoding)
        #expect(throws: BodyRefusal.self) { try MaskedBody(Array(coded.dropLast(4)), "application/json", ["gzip"]) }
        #expect(throws: BodyRefusal.self) { try MaskedBody(coded, "application/json", ["gzip", "gzip"]) }
    }

    @Test("where nothing is looked for, everything passes as it is")
    func nothing() throws {
        var body = BodyMasking(
            contentType: nil, contentEncoding: ["gzip"], plan: BodyMaskingPlan(scanner: nil, maskKey: nil))
        var output: [UInt8] = []
        try body.take([1, 2, 3].span, into: &output)
        try body.finish(into: &output)
        #expect(output == [1, 2, 3])
        #expect(!body.opensCoding && !body.isOpaque)
    }

    @Test("what was found is counted by what it was, and kept where something of it shows")
    func counted() throws {
        let masked = try MaskedBody(
            #"{"a":"219-09-1234","b":["x@example.com",4111111111111111],"name":"Ann","gone":1}"#, "application/json")
        let counts = masked.found.counts.map {
            "\($0.key.classification) \($0.key.detector) \($0.key.mask): \($0.value)"
        }
        #expect(
            counts.sorted() == [
                "cards credit-card keepLast 4: 1", "gone jsonKeys null: 1", "pii email redact: 1",
                "pii jsonKeys redact: 1", "pii us-ssn redact: 1",
            ])
        #expect(
            masked.shown == [ShownFinding(classifications: ["cards"], value: Array("4111111111111111".utf8))])
    }

    @Test("a text of any length without a line's end is masked")
    func longText() throws {
        let filler = String(repeating: "lorem ipsum ", count: 500_000)
        let masked = try MaskedBody(Array((filler + "219-09-1234 " + filler).utf8), "text/plain", cuts: [1, 5_999_999])
        #expect(masked.text == filler + "[redacted] " + filler)
        // One that looks like JSON and is none, too.
        let log = try MaskedBody(Array(("[x] " + filler + "219-09-1234").utf8), "text/plain", cuts: [7])
        #expect(log.text == "[x] " + filler + "[redacted]")
    }

    @Test("a short value is masked by itself")
    func shortValues() throws {
        let plan = try #require(MaskedBody.plan)
        #expect(
            plan.maskText(Array("219-09-1234".utf8)).map { String(decoding: $0.masked, as: UTF8.self) } == "[redacted]")
        #expect(plan.maskText(Array("12345678".utf8)) == nil)
        #expect(plan.maskText(Array("12345678".utf8), name: Array("mrn".utf8)) != nil)
        #expect(plan.maskText(Array("Ann".utf8), name: Array("NAME".utf8)) != nil)
        #expect(plan.maskText(Array("Ann".utf8)) == nil)
        #expect(plan.maskText([]) == nil)
    }
}

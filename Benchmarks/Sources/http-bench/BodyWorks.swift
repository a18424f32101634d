import Enforcement
import HTTPInspection
import Policy
import PolicyCompiler

/// Masking bodies, with every built-in detector on, beside what it cannot be faster than.
struct BodyWorks {
    /// 100 KB each.
    let bodies: [(name: String, bytes: [UInt8])] = [
        ("orders", BodyWorks.orders(escapes: false)), ("chat with escapes", BodyWorks.orders(escapes: true)),
    ]
    let plan: BodyMaskingPlan
    let tables: DetectorTables
    private let json: MediaType
    private let text: MediaType

    init() throws {
        let yaml = """
            apiVersion: stile.dev/v1
            kind: Policy
            metadata: { name: bench }
            identity: { issuers: [ { url: "https://id.example", audience: shop } ] }
            resources:
              db: { protocol: postgres, listen: 127.0.0.1:5432, upstream: "db:5432", tls: disable }
            classifications:
              pii: { detectors: [\(BuiltInDetectors.names.joined(separator: ", "))], jsonKeys: [card_number, ssn], mask: redact }
            rules: [ { name: all, allow: [select], on: [db], to: { groups: [a] } } ]
            """
        let compiled = try PolicyCompiler.compile(files: [PolicySource(name: "bench.yaml", text: yaml)])
        let bundle = try PolicyBundle(validating: compiled.bundle)
        plan = BodyMaskingPlan(scanner: try DetectorScanner(bundle: bundle, resource: "db"), maskKey: nil)
        tables = try DetectorTables(validating: bundle.detectorBytes)
        json = try MediaType(Array("application/json".utf8))
        text = try MediaType(Array("text/plain".utf8))
    }

    /// Masks a body that comes in pieces of 16 KiB, as reads of a socket do.
    func mask(_ bytes: [UInt8], isText: Bool = false, into output: inout [UInt8]) throws -> Int {
        output.removeAll(keepingCapacity: true)
        var body = BodyMasking(contentType: isText ? text : json, contentEncoding: [], plan: plan)
        var start = 0
        while start < bytes.count {
            let end = min(start + 16_384, bytes.count)
            try body.take(bytes.span.extracting(start..<end), into: &output)
            start = end
        }
        try body.finish(into: &output)
        return output.count
    }

    /// Detectors alone.
    func scan(_ bytes: [UInt8], _ selection: DetectorSelection, into findings: inout DetectorFindings) -> Int {
        tables.scan(bytes.span, with: selection, into: &findings)
        return bytes.count
    }

    /// What an API answers: a list of orders, and two in a hundred with something to be masked.
    private static func orders(escapes: Bool) -> [UInt8] {
        var text = "{\"object\":\"list\",\"has_more\":true,\"data\":["
        var number = 0
        while text.utf8.count < 100_000 {
            if number > 0 { text += "," }
            let note =
                number % 50 == 7
                ? "call 219-09-\(1_000 + number)"
                : escapes
                    ? "Dear \\\"Ann\\\",\\nthank you.\\n\\nYours,\\nthe shop" : "leave it at the back door, please"
            text += """
                {"id":"ord_\(100_000 + number)","created":"2026-11-\(10 + number % 20)T08:15:00Z","status":"shipped",\
                "total":{"amount":\(number * 37 % 9_999).\(10 + number % 90),"currency":"EUR"},"paid":true,\
                "items":[{"sku":"A-\(number)","name":"Garden chair, folding, green","quantity":2},\
                {"sku":"B-\(number)","name":"Lamp","quantity":1}],"note":"\(note)","shipping":{"city":"Rotterdam",\
                "country":"NL","carrier":null}}
                """
            number += 1
        }
        return Array((text + "]}").utf8)
    }
}

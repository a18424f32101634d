import Enforcement
import HTTPInspection
import Policy
import PolicyCompiler
import Testing

/// A body, and what is made of it.
struct MaskedBody {
    static let plan = try? makePlan()

    private static func makePlan() throws -> BodyMaskingPlan {
        let yaml = """
            apiVersion: stile.dev/v1
            kind: Policy
            metadata: { name: test }
            identity: { issuers: [ { url: "https://id.example", audience: shop } ] }
            resources:
              db: { protocol: postgres, listen: 127.0.0.1:5432, upstream: "db:5432", tls: disable }
            classifications:
              pii: { detectors: [us-ssn, email, date-of-birth, medical-record-number], jsonKeys: [name], mask: redact }
              cards: { detectors: [credit-card], mask: { keepLast: 4 } }
              gone: { jsonKeys: [gone], mask: "null" }
              keys: { detectors: [private-key-block, jwt], mask: redact }
            rules: [ { name: all, allow: [select], on: [db], to: { groups: [a] } } ]
            """
        let compiled = try PolicyCompiler.compile(files: [PolicySource(name: "test.yaml", text: yaml)])
        let scanner = try DetectorScanner(bundle: try PolicyBundle(validating: compiled.bundle), resource: "db")
        var plan = BodyMaskingPlan(scanner: scanner, maskKey: nil)
        plan.isCounted = true
        return plan
    }

    var output: [UInt8] = []
    var opacity: BodyMasking.Opacity?
    var opensCoding = false
    var found = BodyFindings()
    var shown: [ShownFinding] = []

    var text: String { String(decoding: output, as: UTF8.self) }

    /// - Parameter cuts: where the pieces begin in which it comes.
    init(_ bytes: [UInt8], _ type: String?, _ codings: [String] = [], cuts: some Sequence<Int>) throws {
        let plan = try #require(MaskedBody.plan)
        let mediaType = try type.map { try MediaType(Array($0.utf8)) }
        var body = BodyMasking(contentType: mediaType, contentEncoding: codings, plan: plan)
        var start = 0
        for cut in Array(cuts) + [bytes.count] where cut > start && cut <= bytes.count {
            try body.take(bytes.span.extracting(start..<cut), into: &output)
            start = cut
        }
        try body.finish(into: &output)
        opacity = body.opacity
        opensCoding = body.opensCoding
        shown = body.takeShown().values
        found = body.found
    }

    /// As a whole, in two pieces and byte by byte: it is all one.
    init(_ bytes: [UInt8], _ type: String?, _ codings: [String] = []) throws {
        try self.init(bytes, type, codings, cuts: [])
        let step = max(1, bytes.count / 64)
        for cut in stride(from: 0, to: bytes.count, by: step) {
            #expect(try MaskedBody(bytes, type, codings, cuts: [cut]).output == output, "cut at \(cut)")
        }
        #expect(try MaskedBody(bytes, type, codings, cuts: 0..<bytes.count).output == output, "byte by byte")
    }

    init(_ text: String, _ type: String?) throws { try self.init(Array(text.utf8), type) }
}

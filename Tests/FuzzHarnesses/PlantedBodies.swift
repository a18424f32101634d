import Enforcement
import HTTPInspection
import Policy

/// What is looked for in fuzzed bodies: a value that no accident writes and no context decides about, and a key.
enum PlantedBodies {
    private static let bundle = FuzzPolicy.bundle(
        """
        resources:
          db: { protocol: postgres, listen: 127.0.0.1:5432, upstream: "db:5432", tls: disable }
        detectors: { planted: { pattern: "QZ[0-9]{6}X" } }
        classifications:
          pii: { detectors: [planted, email, private-key-block], jsonKeys: [name], mask: redact }
          cards: { detectors: [credit-card, date-of-birth], jsonKeys: [card], mask: { keepLast: 4 } }
          gone: { jsonKeys: [gone], mask: "null" }
        rules: [ { name: all, allow: [select], on: [db], to: { groups: [a] } } ]
        """)

    private static let scanner = FuzzPolicy.scanner(bundle, resource: "db")

    static let plan = BodyMaskingPlan(scanner: scanner, maskKey: nil)

    /// The same for the answers of models' APIs.
    static let models = [Resource.Profile.openai, .anthropic].map { profile in
        var resource = Resource(name: "model", protocolName: .http, listen: "127.0.0.1:1", upstream: "model:1")
        resource.profile = profile
        resource.linkHosts = ["docs.example"]
        return BodyMaskingPlan(scanner: scanner, maskKey: nil, answersOf: resource)
    }

    static let tables = try? DetectorTables(validating: bundle.detectorBytes)

    static let keys = JSONKeyTable([
        JSONKeyTable.Use(key: "name", classification: "pii", mask: .redact),
        JSONKeyTable.Use(key: "card", classification: "cards", mask: .keepLast(4)),
        JSONKeyTable.Use(key: "gone", classification: "gone", mask: .null),
    ])

    /// A body as it is written when it comes in pieces, and whether nobody looked into it; `nil` of one that is refused.
    ///
    /// - Parameter size: How many bytes a piece has.
    static func mask(
        _ body: [UInt8], _ size: Int, _ mediaType: MediaType?, _ codings: [String], _ plan: BodyMaskingPlan
    ) -> (output: [UInt8], isOpaque: Bool)? {
        var masking = BodyMasking(contentType: mediaType, contentEncoding: codings, plan: plan)
        var output: [UInt8] = []
        do throws(BodyRefusal) {
            for start in stride(from: 0, to: body.count, by: max(1, size)) {
                let end = min(start + max(1, size), body.count)
                try masking.take(body.span.extracting(start..<end), into: &output)
            }
            try masking.finish(into: &output)
            return (output, masking.isOpaque)
        } catch {
            return nil
        }
    }

    /// Whether a planted value is there in clear. Within a word it is none.
    static func isPlanted(in bytes: [UInt8]) -> Bool { planted(in: bytes).contains(false) }

    static func isPlantedWithinWord(in bytes: [UInt8]) -> Bool { planted(in: bytes).contains(true) }

    /// Of each value that is there, whether it is within a word.
    private static func planted(in bytes: [UInt8]) -> [Bool] {
        guard bytes.count >= 9 else { return [] }
        var result: [Bool] = []
        for start in 0...(bytes.count - 9)
        where bytes[start] == UInt8(ascii: "Q") && bytes[start + 1] == UInt8(ascii: "Z")
            && bytes[start + 8] == UInt8(ascii: "X")
            && bytes[(start + 2)..<(start + 8)].allSatisfy({ 0x30...0x39 ~= $0 })
        {
            // What stood right behind another was within a word before that was masked.
            let isBehindAnother = bytes[..<start].suffix(9).elementsEqual("redacted]".utf8)
            let isBehindWord = start > 0 && isWord(bytes[start - 1])
            let isBeforeWord = start + 9 < bytes.count && isWord(bytes[start + 9])
            result.append(isBehindAnother || isBehindWord || isBeforeWord)
        }
        return result
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x39, 0x5F, 0x80...:
            true
        default: false
        }
    }
}

import Policy
import PolicyCompiler
import PostgresWire
import WireBytes

@testable import Enforcement

/// Rows, columns and plans of all sorts.
struct RandomRows {
    var generator: SeededNumbers

    init(seed: UInt64) { generator = SeededNumbers(seed) }

    static func scanner() throws -> DetectorScanner? {
        let yaml = """
            apiVersion: stile.dev/v1
            kind: Policy
            metadata: { name: test }
            identity: { issuers: [ { url: "https://id.example", audience: shop } ] }
            resources:
              db: { protocol: postgres, listen: 127.0.0.1:5432, upstream: "db:5432", tls: disable }
            classifications:
              pii: { detectors: [us-ssn, email, date-of-birth], mask: redact }
              cards: { detectors: [credit-card, phone], mask: { keepLast: 4 } }
              gone: { detectors: [iban], mask: "null" }
              odd: { detectors: [ipv4], mask: { fixed: "<\\"x\\">" } }
            rules: [ { name: all, allow: [select], on: [db], to: { groups: [a] } } ]
            """
        let compiled = try PolicyCompiler.compile(files: [PolicySource(name: "test.yaml", text: yaml)])
        return try DetectorScanner(bundle: try PolicyBundle(validating: compiled.bundle), resource: "db")
    }

    static let key = MaskKey { span in
        var sum: UInt64 = 14_695_981_039_346_656_037
        for index in 0..<span.count { sum = (sum ^ UInt64(span[index])) &* 1_099_511_628_211 }
        return (sum, ~sum)
    }

    private static let masks: [Mask] = [
        .redact, .null, .hash, .fixed("x"), .fixed("0"), .fixed(""), .keepFirst(2), .keepLast(4), .keepLast(0),
        .truncateDate(.year), .truncateDate(.day),
    ]
    private static let types: [UInt32] = [
        25, 25, 25, 1043, 23, 20, 16, 17, 1082, 1184, 1700, 2950, 114, 3802, 142, 1009, 1007, 869, 999_999,
    ]
    private static let names = ["name", "note", "ssn", "phone", "dob"]
    private static let texts = [
        "", "a", "Ada Lovelace", "ada@example.com", "219-09-1234", "4111 1111 1111 1111", "4111111111111111",
        "call (415) 555-2671 or mail a@b.io, c@d.io", "born 1984-07-12", "DE89 3704 0044 0532 0130 00",
        "from 10.20.30.40", "Zoë 日本語 ****", "{\"a\": \"x@y.io\", \"n\": [4111111111111111]}", "<a>x@y.io</a>",
        "{x@y.io,\"219-09-1234\",NULL}", "1984-07-12", "2024-05-06 07:08:09.1+00", "482913", "-17.250", "t",
        "550e8400-e29b-41d4-a716-446655440000", "\\x7840792e696f", "tab\there", "line\nbreak", "back\\slash", "\\.",
        "\\N", "quote\"d", "comma, and", "x@y.io\tand\n219-09-1234\\",
    ]

    mutating func columns(copy: Bool = false) -> [ResultPlan.Column] {
        (0..<generator.next(copy ? 6 : 9)).map { _ in
            let type = RandomRows.types[generator.next(RandomRows.types.count)]
            let treatment: ColumnTreatment =
                switch generator.next(5) {
                case 0: .pass
                case 1, 2: .scan
                default: .mask(RandomRows.masks[generator.next(RandomRows.masks.count)], classification: "c")
                }
            return ResultPlan.Column(
                name: Array(RandomRows.names[generator.next(RandomRows.names.count)].utf8), typeOID: type,
                kind: PostgresTypes.kind(of: type), format: !copy && generator.next(3) == 0 ? .binary : .text,
                treatment: treatment)
        }
    }

    mutating func values(_ columns: [ResultPlan.Column]) -> [[UInt8]?] {
        columns.map { column in
            if generator.next(8) == 0 { return nil }
            let text = Array(RandomRows.texts[generator.next(RandomRows.texts.count)].utf8)
            guard column.format == .binary else { return text }
            // Mostly of the type; sometimes bytes that are nothing.
            return BinaryCoding.binary(text, typeOID: column.typeOID)
                ?? (0..<generator.next(12)).map { _ in UInt8(truncatingIfNeeded: generator.next(256)) }
        }
    }
}

/// The same numbers in every run.
struct SeededNumbers {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(max(bound, 1)))
    }
}

import Policy
import PolicyCompiler
import Testing

/// A text, the name of its column, and what must be found of which detector.
struct Positive: Sendable, CustomTestStringConvertible {
    var detector: String
    var text: String
    var column: String?
    var found: String?

    init(_ detector: String, _ text: String, column: String? = nil, found: String? = nil) {
        self.detector = detector
        self.text = text
        self.column = column
        self.found = found
    }

    var testDescription: String { "\(detector): \(text)" }
}

@Suite("Built-in detectors")
struct BuiltInDetectorTests {
    @Test("each finds what it is for, whole", arguments: positives)
    func finds(positive: Positive) {
        let found = scan(positive.text, column: positive.column)
        #expect(found.contains(Found(detector: positive.detector, text: positive.found ?? positive.text)), "\(found)")
    }

    @Test("none is fooled by what looks alike", arguments: negatives)
    func leaves(text: String) {
        #expect(scan(text) == [])
    }

    @Test("what needs context is left alone without it", arguments: positives.filter { $0.column != nil })
    func needsContext(positive: Positive) {
        #expect(!scan(positive.text, column: "order_no").contains { $0.detector == positive.detector })
    }

    @Test("the text around changes nothing", arguments: positives)
    func surroundings(positive: Positive) {
        let target = Found(detector: positive.detector, text: positive.found ?? positive.text)
        let long = String(repeating: "Lorem ipsum dolor sit amet, ", count: 40)
        for (before, after) in [
            ("", "."), ("(", ")"), ("\"", "\""), ("{\"k\":\"", "\"}"), (long, " " + long), ("line\\n", "\\nline"),
            ("é ", " é"),
            ("a\n", "\nb"), ("x\t", "\ty"), ("<b>", "</b>"), ("v=", "&w=x"), ("\\u00e9", ","),
        ] {
            let found = scan(before + positive.text + after, column: positive.column)
            #expect(found.contains(target), "\(before.suffix(8))…\(after.prefix(8)): \(found)")
        }
    }

    @Test("a detector that is not enabled finds nothing")
    func disabled() {
        #expect(scan("4111 1111 1111 1111", only: ["email"]) == [])
        #expect(scan("4111 1111 1111 1111", only: []) == [])
    }

    @Test("names are sorted, unique and described")
    func names() {
        #expect(BuiltInDetectors.names == Array(Set(BuiltInDetectors.names)).sorted())
        #expect(Set(BuiltInDetectors.summaries.keys) == Set(BuiltInDetectors.names))
    }

    static let positives: [Positive] = [
        Positive("credit-card", "4111111111111111"), Positive("credit-card", "4111 1111 1111 1111"),
        Positive("credit-card", "4111-1111-1111-1111"), Positive("credit-card", "378282246310005"),
        Positive("credit-card", "3782 822463 10005"), Positive("credit-card", "5555555555554444"),
        Positive("credit-card", "2223003122003222"), Positive("credit-card", "6011111111111117"),
        Positive("credit-card", "3530111333300000"), Positive("credit-card", "30569309025904"),
        Positive("credit-card", "6200000000000005"), Positive("credit-card", "4222222222222"),
        Positive("credit-card", "card_4111111111111111", found: "4111111111111111"),
        Positive("credit-card", "4111 1111 1111 1111 123", found: "4111 1111 1111 1111"),
        Positive("us-ssn", "219-09-1234"), Positive("us-ssn", "219 09 1234"),
        Positive("us-ssn", "219091234", column: "ssn"), Positive("us-ssn", "219091234", column: "customerSsn"),
        Positive("us-ssn", "SSN: 219091234", found: "219091234"),
        Positive("us-ssn", "his social security number is 219091234", found: "219091234"),
        Positive("iban", "DE89370400440532013000"), Positive("iban", "GB29 NWBK 6016 1331 9268 19"),
        Positive("iban", "gb29nwbk60161331926819"), Positive("iban", "NO9386011117947"),
        Positive("iban", "MT84MALT011000012345MTLCAST001S"),
        Positive("email", "alice@example.com"), Positive("email", "alice.o'brien+tag@mail.example.co.uk"),
        Positive("email", "mailto:bob@example.org", found: "bob@example.org"),
        Positive("email", "jürgen@bücher.example"),
        Positive("email", "x_y@sub-domain.example"), Positive("email", "<a@b.io>", found: "a@b.io"),
        Positive("phone", "+14155552671"), Positive("phone", "+1 (415) 555-2671"),
        Positive("phone", "+44 20 7946 0958"),
        Positive("phone", "+49 30 901820"), Positive("phone", "+33 1 42 68 53 00"), Positive("phone", "(415) 555-2671"),
        Positive("phone", "415-555-2671"), Positive("phone", "415.555.2671"), Positive("phone", "1-415-555-2671"),
        Positive("phone", "07700 900123"), Positive("phone", "020 7946 0958"), Positive("phone", "01 42 68 53 00"),
        Positive("phone", "4155552671", column: "phone"), Positive("phone", "tel 4155552671", found: "4155552671"),
        Positive("ipv4", "10.20.30.40"), Positive("ipv4", "192.168.1.1"),
        Positive("ipv4", "http://8.8.8.8/x", found: "8.8.8.8"),
        Positive("ipv6", "2001:db8::8a2e:370:7334"), Positive("ipv6", "fe80::1ff:fe23:4567:890a"),
        Positive("ipv6", "2001:0db8:85a3:0000:0000:8a2e:0370:7334"), Positive("ipv6", "::ffff:192.0.2.128"),
        Positive(
            "jwt",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"),
        Positive("aws-access-key", "AKIAIOSFODNN7EXAMPLE"), Positive("aws-access-key", "ASIAIOSFODNN7EXAMPLE"),
        Positive(
            "aws-secret-key", "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            found: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        Positive("aws-secret-key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", column: "secretAccessKey"),
        Positive("github-token", "ghp_" + "a1B2c3D4e5F6a1B2c3D4e5F6a1B2c3D4e5F6"),
        Positive("slack-token", "xoxb-" + "123456789012-abcdefABCDEF"),
        Positive("stripe-key", "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"),
        Positive("google-api-key", "AIza" + "SyA1234567890abcdefghijklmnopqrstuv"),
        Positive("openai-key", "sk-proj-" + "abcdefghijklmnopqrstuvwxyz012345"),
        Positive("anthropic-key", "sk-ant-" + "api03-abcdefghijklmnopqrstuvwx"),
        Positive("gitlab-token", "glpat-" + "abcdefghij0123456789"),
        Positive("npm-token", "npm_" + "abcdefghij0123456789abcdefghij012345"),
        Positive(
            "private-key-block",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nabc+/=\n-----END RSA PRIVATE KEY-----"),
        Positive("private-key-block", "-----BEGIN PRIVATE KEY-----\\nMIIEpAIBAAKCAQEA\\n-----END PRIVATE KEY-----"),
        Positive("us-npi", "1234567893", column: "npi"), Positive("us-npi", "NPI 1234567893", found: "1234567893"),
        Positive("medical-record-number", "00482913", column: "mrn"),
        Positive("medical-record-number", "00482913", column: "patientMrn"),
        Positive("medical-record-number", "Patient (MRN 00482913) seen", found: "00482913"),
        Positive("medical-record-number", "MRN00482913"),
        Positive("medical-record-number", "00482913 is his medical record number", found: "00482913"),
        Positive("date-of-birth", "1984-07-12", column: "date_of_birth"),
        Positive("date-of-birth", "07/12/1984", column: "dob"),
        Positive("date-of-birth", "born on 12 July 1984 in Rome", found: "12 July 1984"),
        Positive("date-of-birth", "DOB: July 12th, 1984", found: "July 12th, 1984"),
        Positive("date-of-birth", "19840712", column: "birthDate"),
        Positive("passport", "C01234567", column: "passport_number"),
        Positive("passport", "passport no. 123456789", found: "123456789"),
        Positive("drivers-license", "D1234567", column: "drivers_license"),
        Positive("drivers-license", "driving licence MORGA657054SM9IJ", found: "MORGA657054SM9IJ"),
    ]

    static let negatives: [String] = [
        "", " ", "Alice Smith", "The quick brown fox jumps over the lazy dog.", "order 1234567890123456",
        "4111111111111112", "1700000000000", "1700000000000000000", "2024-01-15 12:34:56.789012+00",
        "2024-01-15T12:34:56Z",
        "550e8400-e29b-41d4-a716-446655440000", "12345678-1234-4234-8234-123456789012",
        "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "1.2.3", "v1.2.3.4", "version 1.2.3.4",
        "1.2.3.4.5", "Chrome/99.0.48.1", "256.1.1.1", "01.02.03.04", "255.255.255.0", "127.0.0.1", "0.4111111111111111",
        "000-12-3456", "666-12-3456", "900-12-3456", "219-00-1234", "219-09-0000", "219091234", "X219-09-1234",
        "219-09-12345", "1-219-09-1234", "12:30:45", "00:1B:44:11:3A:B7", "std::vector", "x::date", "::1", "::", "a::b",
        "DE89370400440532013001", "DE12 3456 7890", "alice@", "@example.com", "alice@localhost", "a@b",
        "123-456-7890", "415-155-2671", "ORD-415-555-2671", "+123", "1+14155552671", "100-200-3000-4000",
        "3.14159265358979",
        "12 345 678", "1,234,567.89", "eyJust.kidding.here", "AKIA1234", "sk_live_short", "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----", "1234567893", "00482913", "1984-07-12", "C01234567",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "$1,234.00", "SKU-00482913", "2023001234", "a1b2c3d4",
        "https://example.com/path?x=1&y=2", "#1234", "90210-1234", "12/31/2024", "09:15", "3-2-1", "1 2 3 4 5 6 7 8 9",
    ]
}

import Testing

@testable import Enforcement

@Suite struct ValueCodingTests {
    @Test(
        arguments: [
            ("t", 16), ("-42", 23), ("9223372036854775807", 20), ("-7", 21), ("1.5", 701), ("\\x00ff", 17),
            ("2024-02-29", 1082), ("1980-01-01", 1082), ("0001-01-01", 1082), ("9999-12-31", 1082),
            ("2024-02-29 00:00:00", 1114), ("1980-01-01 00:00:00+00", 1184), ("0", 1700), ("12345.6789", 1700),
            ("-0.05", 1700), ("100000000", 1700), ("99999999.00", 1700), ("a text", 25), ("{\"a\": 1}", 3802),
            ("00000000-0000-0000-0000-000000000000", 2950), ("{}", 1009),
        ] as [(String, UInt32)])
    func `a value survives its binary form`(text: String, typeOID: UInt32) throws {
        let binary = try #require(BinaryCoding.binary(Array(text.utf8), typeOID: typeOID))
        let back = try #require(BinaryCoding.text(binary[...], typeOID: typeOID))
        #expect(String(decoding: back, as: UTF8.self) == text)
    }

    @Test func `an array's elements survive with what needs quoting`() throws {
        let text = Array(#"{"a","b \"c\" \\","",NULL}"#.utf8)
        let binary = try #require(BinaryCoding.binary(text, typeOID: 1009))
        #expect(BinaryCoding.text(binary[...], typeOID: 1009) == text)
    }

    @Test func `a timestamp's time of day is told to the microsecond, before the year 2000 too`() {
        var bytes: [UInt8] = []
        bytes.append(contentsOf: withUnsafeBytes(of: Int64(-1).bigEndian) { Array($0) })
        let text = BinaryCoding.text(bytes[...], typeOID: 1114).map { String(decoding: $0, as: UTF8.self) }
        #expect(text == "1999-12-31 23:59:59.999999")
    }

    @Test func `random bytes of any type have a text form or none, and never trap`() {
        var random = SystemRandomNumberGenerator()
        let types = Array(PostgresTypes.kinds.keys)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                Bool.random() ? UInt8.random(in: 0...3) : UInt8.random(in: 0...255)
            }
            guard let type = types.randomElement(using: &random) else { continue }
            _ = BinaryCoding.text(bytes[...], typeOID: type)
            _ = BinaryCoding.binary(bytes, typeOID: type)
        }
    }
}

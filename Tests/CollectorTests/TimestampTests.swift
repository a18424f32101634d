import Collector
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (1_709_208_000_000_001, "2024-02-29T12:00:00.000001Z"),
            (4_102_444_799_999_999, "2099-12-31T23:59:59.999999Z"),
        ] as [(Int64, String)])
    func `A moment is written and read the same`(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).description == text)
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test func `An offset, a short fraction and a date alone are read`() {
        #expect(Timestamp(rfc3339: "2024-02-29T13:00:00.5+01:00")?.description == "2024-02-29T12:00:00.500000Z")
        #expect(Timestamp(rfc3339: "2024-02-29")?.description == "2024-02-29T00:00:00.000000Z")
    }

    @Test(arguments: [
        "", "2024", "2023-02-29", "2024-13-01", "2024-01-01T24:00:00Z", "2024-01-01T00:00:00", "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:00ZZ", "2024-01-01T00:00:00+25:00", "20240101T000000Z",
    ])
    func `What is no moment is refused`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func `No arithmetic overflows`() {
        #expect(Timestamp(seconds: .max).microseconds == .max)
        #expect(Timestamp(microseconds: .max).adding(seconds: .max).microseconds == .max)
        #expect(!Timestamp(microseconds: .min).description.isEmpty)
    }
}

import Policy
import Testing

@Suite struct MaskedFormTests {
    private func isCarried(
        _ text: String, _ mask: Mask, _ kind: ValueKind = .text, isWhole: Bool = true, changesRows: Bool = true
    ) -> Bool {
        MaskedForm.isCarried(
            by: Array(text.utf8).span, mask: mask, kind: kind,
            place: .init(isWhole: isWhole, changesRows: changesRows))
    }

    @Test(arguments: [
        "[redacted]", " [redacted]\n", "call [REDACTED] at noon", "{\"ssn\": \"[redacted]\"}", "{[redacted],NULL}",
        "\\x5b72656461637465645d", "<a><redacted/></a>", "h_0123456789abcdef0123456789abcdef",
        "x h_0123456789abcdef0123456789abcdef y",
    ])
    func `what stands for a hidden value is known in any text, whatever the column's mask`(text: String) {
        for mask in [Mask.redact, .null, .hash, .keepLast(4), .fixed("x"), .truncateDate(.year)] {
            #expect(isCarried(text, mask, isWhole: false, changesRows: false))
        }
    }

    @Test(arguments: [
        "************1234", "****-****-****-1234", "card ********1234 of June", "*1234", "****", "{****1234,x}",
        "** ** 1234",
    ])
    func `kept characters are known by what hides the others`(text: String) {
        #expect(isCarried(text, .keepLast(4)))
        #expect(!isCarried(text, .redact))
    }

    @Test func `whatever a mask makes of a text is known`() {
        for mask in [Mask.redact, .keepLast(4), .keepFirst(1), .keepFirst(3), .fixed("n/a"), .fixed("hidden"), .hash] {
            for value in ["283-68-4467", "June", "Li", "4539 1488 0343 6467", "é", "x"] {
                var output: [UInt8] = []
                let key = MaskKey { _ in (0x1234_5678_9abc_def0, 1) }
                guard
                    case .text = mask.apply(to: Array(value.utf8).span, kind: .text, key: key, into: &output)
                else { continue }
                #expect(isCarried(String(decoding: output, as: UTF8.self), mask), "\(mask) of \(value)")
            }
        }
    }

    @Test(arguments: [
        "4539148803436467", "283-68-4467", "", " ", "redacted", "[red]", "h_12", "**", "5 * 3 * 2", "a-b",
    ])
    func `real values pass`(text: String) {
        for mask in [Mask.redact, .hash, .keepLast(4), .keepFirst(2), .fixed("hidden"), .truncateDate(.year)] {
            #expect(!isCarried(text, mask) || text == "**", "\(mask)")
        }
    }

    @Test func `a cut date is refused where a row is changed, and only as a whole value`() {
        #expect(isCarried("1971-01-01", .truncateDate(.year), .date))
        #expect(isCarried("1971-09-01", .truncateDate(.month), .date))
        #expect(isCarried("1971-01-01 00:00:00+00", .truncateDate(.year), .timestampWithZone))
        #expect(isCarried("1971-01-01T00:00:00.000Z", .truncateDate(.year), .timestamp))
        #expect(isCarried("1971-09-23 00:00:00", .truncateDate(.day), .timestamp))
        #expect(!isCarried("1971-09-23", .truncateDate(.day), .date))
        #expect(!isCarried("1971-09-01", .truncateDate(.year), .date))
        #expect(!isCarried("1971-01-01 10:30:00", .truncateDate(.year), .timestamp))
        #expect(!isCarried("1971-01-01", .truncateDate(.year), .date, changesRows: false))
        #expect(!isCarried("1971-01-01", .truncateDate(.year), .date, isWhole: false))
    }

    @Test func `a short fixed text is known as a whole value, a long one anywhere`() {
        #expect(isCarried("0", .fixed("0")))
        #expect(!isCarried("0", .fixed("0"), isWhole: false))
        #expect(!isCarried("100", .fixed("0")))
        #expect(isCarried("an unknown@example.invalid", .fixed("unknown@example.invalid")))
    }

    @Test func `masked UUIDs are known`() {
        #expect(isCarried("00000000-0000-0000-0000-000000000000", .redact, .uuid))
        #expect(isCarried("{12345678-1234-8234-8234-123456789abc}", .hash, .uuid))
        #expect(!isCarried("12345678-1234-4234-8234-123456789abc", .hash, .uuid))
    }
}

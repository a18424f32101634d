import Policy
import Testing

@Suite("Strictness of masks")
struct MaskStrictnessTests {
    /// From the strictest down.
    static let ranked: [Mask] = [
        .redact, .null, .fixed("b"), .fixed("a"), .hash, .truncateDate(.year), .truncateDate(.month),
        .truncateDate(.day), .keepLast(0), .keepFirst(0), .keepLast(4), .keepFirst(4), .keepLast(.max),
        .keepFirst(.max),
    ]

    @Test("every pair is ordered as documented, whichever comes first")
    func order() {
        for (i, strict) in Self.ranked.enumerated() {
            for lax in Self.ranked[i...] {
                #expect(Mask.stricter(strict, lax) == strict)
                #expect(Mask.stricter(lax, strict) == strict)
            }
        }
    }

    @Test("the strictest of a shuffled list is the first of the ranking")
    func strictest() {
        for _ in 0..<20 {
            #expect(Mask.strictest(of: Self.ranked.shuffled()) == .redact)
        }
        #expect(Mask.strictest(of: []) == nil)
    }
}

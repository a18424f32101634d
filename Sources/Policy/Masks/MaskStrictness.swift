/// Where a mask stands in the one order that decides when several masks claim the same value: the greatest wins.
///
/// The order is total, so that the winner never depends on the order in which rules or files were read.
public struct MaskStrictness: Comparable, Hashable, Sendable {
    /// What kind of mask it is; more is stricter.
    private let tier: UInt8
    /// Within a tier: how much is hidden; more is stricter.
    private let hidden: UInt32
    /// Tells apart what hides equally much. It orders, and means nothing else.
    private let tieBreak: [UInt8]

    init(tier: UInt8, hidden: UInt32 = 0, tieBreak: [UInt8] = []) {
        self.tier = tier
        self.hidden = hidden
        self.tieBreak = tieBreak
    }

    public static func < (left: MaskStrictness, right: MaskStrictness) -> Bool {
        if left.tier != right.tier { return left.tier < right.tier }
        if left.hidden != right.hidden { return left.hidden < right.hidden }
        return left.tieBreak.lexicographicallyPrecedes(right.tieBreak)
    }
}

extension Mask {
    /// How strict the mask is, from the strictest down:
    ///
    /// 1. `redact`: nothing of the value is left, and the reader sees that something was there
    /// 2. `null`: nothing of the value is left
    /// 3. `fixed`: nothing of the value is left but that there was one (of two texts, the greater by its bytes)
    /// 4. `hash`: equal values can be told from unequal ones
    /// 5. `truncateDate`: year, then month, then day
    /// 6. `keepFirst` and `keepLast`: the fewer characters they keep the stricter; with as many, `keepLast`
    public var strictness: MaskStrictness {
        switch self {
        case .redact: MaskStrictness(tier: 6)
        case .null: MaskStrictness(tier: 5)
        case .fixed(let text): MaskStrictness(tier: 4, tieBreak: Array(text.utf8))
        case .hash: MaskStrictness(tier: 3)
        case .truncateDate(let precision):
            switch precision {
            case .year: MaskStrictness(tier: 2, hidden: 2)
            case .month: MaskStrictness(tier: 2, hidden: 1)
            case .day: MaskStrictness(tier: 2, hidden: 0)
            }
        case .keepLast(let count): MaskStrictness(tier: 1, hidden: UInt32(UInt16.max - count), tieBreak: [1])
        case .keepFirst(let count): MaskStrictness(tier: 1, hidden: UInt32(UInt16.max - count), tieBreak: [0])
        }
    }

    /// The stricter of two masks by ``strictness``.
    public static func stricter(_ left: Mask, _ right: Mask) -> Mask {
        left.strictness < right.strictness ? right : left
    }

    /// The strictest mask by ``strictness``; `nil` when there is none.
    public static func strictest(of masks: some Sequence<Mask>) -> Mask? {
        masks.max { $0.strictness < $1.strictness }
    }
}

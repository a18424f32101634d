/// The bundle's checksum against accidents: truncated copies, flipped bits. Against forgery there is the digest.
///
/// FNV-1a over 64-bit words in four independent lanes, which keeps pace with memory where a table-driven CRC would take
/// most of the time of a start. Every step is a bijection of its lane, so a change to a single word always shows.
struct Checksum {
    private var lanes: (UInt64, UInt64, UInt64, UInt64) = (
        0xCBF2_9CE4_8422_2325, 0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9
    )
    private var words: UInt64 = 0

    private static let prime: UInt64 = 0x9E37_79B1_85EB_CA87

    private static func mix(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        let product = (lane ^ word) &* prime
        return product ^ (product >> 29)
    }

    mutating func add(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) {
        lanes.0 = Checksum.mix(lanes.0, a)
        lanes.1 = Checksum.mix(lanes.1, b)
        lanes.2 = Checksum.mix(lanes.2, c)
        lanes.3 = Checksum.mix(lanes.3, d)
        words &+= 4
    }

    var value: UInt64 {
        var result = Checksum.mix(lanes.0, words)
        result = Checksum.mix(lanes.1, result)
        result = Checksum.mix(lanes.2, result)
        return Checksum.mix(lanes.3, result)
    }
}

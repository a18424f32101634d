public struct IPv4Address: Hashable, Sendable, CustomStringConvertible {
    /// The first byte is the highest.
    public let bits: UInt32

    public init(bits: UInt32) {
        self.bits = bits
    }

    public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        bits = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    public var description: String {
        "\(bits >> 24).\(bits >> 16 & 0xFF).\(bits >> 8 & 0xFF).\(bits & 0xFF)"
    }
}

public struct IPv6Address: Hashable, Sendable, CustomStringConvertible {
    /// The first eight bytes, the first the highest.
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameter groups: Eight; missing ones are zero.
    init(groups: [UInt16]) {
        var (high, low): (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            let group = index < groups.count ? UInt64(groups[index]) : 0
            if index < 4 { high = high << 16 | group } else { low = low << 16 | group }
        }
        self.init(high: high, low: low)
    }

    func group(_ index: Int) -> UInt16 {
        UInt16(truncatingIfNeeded: index < 4 ? high >> UInt64(48 - 16 * index) : low >> UInt64(112 - 16 * index))
    }

    /// As RFC 5952 writes it, but that an address of IPv4 within is written in groups.
    public var description: String {
        let groups = (0..<8).map(group)
        var longest = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > longest.count { longest = start..<end }
            start = max(end, start + 1)
        }
        let text: (Range<Int>) -> String = { $0.map { String(groups[$0], radix: 16) }.joined(separator: ":") }
        return longest.count > 1 ? text(0..<longest.lowerBound) + "::" + text(longest.upperBound..<8) : text(0..<8)
    }
}

public enum IPAddress: Hashable, Sendable, CustomStringConvertible {
    case v4(IPv4Address)
    case v6(IPv6Address)

    /// An address as it is usually written: four decimal numbers without leading zeros, or RFC 4291's text, without brackets
    /// and without a zone.
    public init?(_ text: String) {
        let text = text.utf8.span
        if let address = IPv4Address(dotted: text) {
            self = .v4(address)
        } else if let address = IPv6Address(text) {
            self = .v6(address)
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .v4(let address): address.description
        case .v6(let address): address.description
        }
    }
}

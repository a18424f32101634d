/// What an address reaches (IANA's special-purpose registries, RFC 6890). Only what is `global` is the internet.
public enum AddressScope: Hashable, Sendable, CaseIterable {
    /// 0.0.0.0, ::. Connecting to it is connecting to oneself.
    case unspecified
    case loopback
    /// A cloud's metadata service, which hands out credentials.
    case metadata
    case linkLocal
    /// RFC 1918, and IPv6's site-local addresses.
    case privateUse
    /// fc00::/7.
    case uniqueLocal
    /// 100.64.0.0/10: between a carrier and its customers; clusters use it for pods.
    case carrierNAT
    case benchmarking
    case documentation
    case multicast
    /// Set aside: broadcast, 240.0.0.0/4, what is in no block that is given out.
    case reserved
    case global

    public init(of address: IPAddress) {
        switch address {
        case .v4(let address): self = AddressScope.scope(of: address)
        case .v6(let address): self = AddressScope.scope(of: address)
        }
    }

    private static func scope(of address: IPv4Address) -> AddressScope {
        if metadata4.contains(address.bits) { return .metadata }
        for block in blocks4
        where address.bits >> UInt32(32 - block.length) == block.prefix >> UInt32(32 - block.length) {
            return block.scope
        }
        return .global
    }

    private static func scope(of address: IPv6Address) -> AddressScope {
        if metadata6.contains(address) { return .metadata }
        if let inner = address.embeddedIPv4 {
            // Whoever dials it reaches the address within, or nothing.
            return scope(of: inner)
        }
        if address.high == 0, address.low == 1 { return .loopback }
        for block in blocks6
        where address.high >> UInt64(64 - block.length) == block.prefix >> UInt64(64 - block.length) {
            return block.scope
        }
        // 2000::/3 is all that has been given out.
        return address.high >> 61 == 1 ? .global : .reserved
    }

    /// Amazon's, Google's, Azure's and others' own; Amazon's for containers and pods; Alibaba's, which is in carriers' space; Oracle's;
    /// Azure's host agent, which is in the internet's.
    private static let metadata4: Set<UInt32> = [
        IPv4Address(169, 254, 169, 254).bits, IPv4Address(169, 254, 170, 2).bits, IPv4Address(169, 254, 170, 23).bits,
        IPv4Address(100, 100, 100, 200).bits, IPv4Address(192, 0, 0, 192).bits, IPv4Address(168, 63, 129, 16).bits,
    ]

    /// fd00:ec2::254 and fd00:ec2::23 (Amazon), fd20:ce::254 (Google).
    private static let metadata6: Set<IPv6Address> = [
        IPv6Address(high: 0xFD00_0EC2_0000_0000, low: 0x254), IPv6Address(high: 0xFD00_0EC2_0000_0000, low: 0x23),
        IPv6Address(high: 0xFD20_00CE_0000_0000, low: 0x254),
    ]

    /// The narrower block stands before the one around it.
    private static let blocks4: [(prefix: UInt32, length: Int, scope: AddressScope)] = [
        (0x0000_0000, 32, .unspecified), (0x0000_0000, 8, .reserved), (0x0A00_0000, 8, .privateUse),
        (0x6440_0000, 10, .carrierNAT), (0x7F00_0000, 8, .loopback), (0xA9FE_0000, 16, .linkLocal),
        (0xAC10_0000, 12, .privateUse), (0xC000_0000, 24, .reserved), (0xC000_0200, 24, .documentation),
        (0xC058_6300, 24, .reserved), (0xC0A8_0000, 16, .privateUse), (0xC612_0000, 15, .benchmarking),
        (0xC633_6400, 24, .documentation), (0xCB00_7100, 24, .documentation), (0xE000_0000, 4, .multicast),
        (0xF000_0000, 4, .reserved),
    ]

    /// By the first eight bytes; ::/96 and what embeds addresses of IPv4 is looked at before.
    private static let blocks6: [(prefix: UInt64, length: Int, scope: AddressScope)] = [
        (0x0100_0000_0000_0000, 64, .reserved),  // discard-only
        (0x2001_0000_0000_0000, 32, .reserved),  // Teredo: it reaches an address of IPv4 that its two ends agree about
        (0x2001_0002_0000_0000, 48, .benchmarking),
        (0x2001_0DB8_0000_0000, 32, .documentation),
        (0x3FFF_0000_0000_0000, 20, .documentation),
        (0x2001_0000_0000_0000, 23, .reserved),
        (0x5F00_0000_0000_0000, 16, .reserved),  // segment routing
        (0xFC00_0000_0000_0000, 7, .uniqueLocal),
        (0xFE80_0000_0000_0000, 10, .linkLocal),
        (0xFEC0_0000_0000_0000, 10, .privateUse),
        (0xFF00_0000_0000_0000, 8, .multicast),
    ]
}

extension IPv6Address {
    /// The address of IPv4 that this one stands for: mapped (::ffff:0:0/96), translated (::ffff:0:0:0/96, 64:ff9b::/96,
    /// 64:ff9b:1::/48 as /96), by 6to4 (2002::/16), or compatible (::/96), but for :: and ::1.
    public var embeddedIPv4: IPv4Address? {
        let last = IPv4Address(bits: UInt32(truncatingIfNeeded: low))
        if high == 0 {
            switch low >> 32 {
            case 0xFFFF, 0xFFFF_0000: return last
            case 0: return low == 1 ? nil : last
            default: return nil
            }
        }
        if high == 0x0064_FF9B_0000_0000, low >> 32 == 0 { return last }
        if high >> 16 == 0x0064_FF9B_0001 { return last }
        if high >> 48 == 0x2002 { return IPv4Address(bits: UInt32(truncatingIfNeeded: high >> 16)) }
        return nil
    }
}

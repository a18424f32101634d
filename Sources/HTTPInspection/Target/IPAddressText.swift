extension IPv4Address {
    /// Four decimal numbers without leading zeros.
    init?(dotted text: Span<UInt8>) {
        var bits: UInt32 = 0
        var parts = 0
        var index = 0
        while true {
            var value = 0
            let start = index
            while index < text.count, Octet.isDigit(text[index]), index - start < 3 {
                value = value * 10 + Int(text[index] - UInt8(ascii: "0"))
                index += 1
            }
            guard index > start, value <= 255, index - start == 1 || text[start] != UInt8(ascii: "0") else {
                return nil
            }
            bits = bits << 8 | UInt32(value)
            parts += 1
            if parts == 4 { break }
            guard index < text.count, text[index] == UInt8(ascii: ".") else { return nil }
            index += 1
        }
        guard index == text.count else { return nil }
        self.init(bits: bits)
    }

    /// What a host that may be an address turns out to be.
    enum Reading: Hashable {
        /// Its last label is no number: a name.
        case name
        case address(IPv4Address)
        /// It ends in a number and is no address: no name either, for no such top-level domain exists.
        case neither
    }

    /// Reads all that resolvers take for an address (`inet_aton`; the URL standard's IPv4 parser): one to four numbers,
    /// decimal, octal with a leading `0` or hexadecimal with `0x`, the last of which fills what the others leave, and a dot at
    /// the end. `2130706433`, `0x7f.1` and `127.1` are 127.0.0.1 to whoever resolves them.
    static func reading(_ text: Span<UInt8>) -> Reading {
        var end = text.count
        if end > 0, text[end - 1] == UInt8(ascii: ".") { end -= 1 }
        // Most hosts are names, and their last label says so.
        var last = end
        while last > 0, text[last - 1] != UInt8(ascii: ".") { last -= 1 }
        guard looksNumeric(text, last..<end) else { return .name }
        var bits: UInt64 = 0
        var start = 0
        var parts: UInt64 = 0
        while start <= end {
            let stop = min(text.firstIndex(of: UInt8(ascii: "."), from: start) ?? end, end)
            guard parts < 4, let number = number(text, start..<stop) else { return .neither }
            if stop == end {
                guard number <= UInt64(UInt32.max) >> (8 * parts) else { return .neither }
                bits |= number
            } else {
                guard number <= 255 else { return .neither }
                bits |= number << (24 &- 8 * parts)
            }
            parts += 1
            start = stop + 1
        }
        return .address(IPv4Address(bits: UInt32(truncatingIfNeeded: bits)))
    }

    /// Digits, or `0x` and nothing but hexadecimal ones.
    private static func looksNumeric(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        var digits = true
        for index in range where !Octet.isDigit(text[index]) { digits = false }
        if digits { return true }
        guard range.count >= 2, text[range.lowerBound] == UInt8(ascii: "0"), text[range.lowerBound + 1] | 0x20 == 0x78
        else { return false }
        for index in range.dropFirst(2) where Octet.hexadecimal(text[index]) == nil { return false }
        return true
    }

    private static func number(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt64? {
        guard looksNumeric(text, range) else { return nil }
        var digits = range
        var radix: UInt64 = 10
        if range.count >= 2, text[range.lowerBound] == UInt8(ascii: "0") {
            let isHexadecimal = text[range.lowerBound + 1] | 0x20 == 0x78
            radix = isHexadecimal ? 16 : 8
            digits = range.dropFirst(isHexadecimal ? 2 : 1)
        }
        var value: UInt64 = 0
        for index in digits {
            guard let digit = Octet.hexadecimal(text[index]), UInt64(digit) < radix else { return nil }
            value = value * radix + UInt64(digit)
            guard value <= UInt64(UInt32.max) else { return nil }
        }
        return value
    }
}

extension IPv6Address {
    /// RFC 4291 §2.2: groups of hexadecimal digits, `::` once, an address of IPv4 at the end.
    init?(_ text: Span<UInt8>) {
        var groups: [UInt16] = []
        var gap: Int?
        var index = 0
        if text.count >= 2, text[0] == UInt8(ascii: ":"), text[1] == UInt8(ascii: ":") {
            gap = 0
            index = 2
        }
        while index < text.count {
            guard groups.count < 8 else { return nil }
            let stop = text.firstIndex(of: UInt8(ascii: ":"), from: index) ?? text.count
            if stop == text.count, groups.count <= 6, let tail = IPv4Address(dotted: text.extracting(index..<stop)) {
                groups.append(UInt16(truncatingIfNeeded: tail.bits >> 16))
                groups.append(UInt16(truncatingIfNeeded: tail.bits))
                index = stop
                break
            }
            guard let group = IPv6Address.group(text, index..<stop) else { return nil }
            groups.append(group)
            index = stop
            guard index < text.count else { break }
            index += 1  // The colon.
            if index < text.count, text[index] == UInt8(ascii: ":") {
                guard gap == nil else { return nil }
                gap = groups.count
                index += 1
            } else if index == text.count {
                return nil  // It ends in a single colon.
            }
        }
        if let gap {
            // `::` stands for one group at least.
            guard groups.count < 8 else { return nil }
            groups.insert(contentsOf: Array(repeating: 0, count: 8 - groups.count), at: gap)
        }
        guard groups.count == 8 else { return nil }
        self.init(groups: groups)
    }

    private static func group(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt16? {
        guard (1...4).contains(range.count) else { return nil }
        var value: UInt16 = 0
        for index in range {
            guard let digit = Octet.hexadecimal(text[index]) else { return nil }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}

internal import CCRC32C

/// CRC-32C (Castagnoli, RFC 3720 §B.4), by the processor's instruction where it has one, else by tables.
public enum CRC32C {
    private static let hasInstruction = crc32c_is_there() != 0

    /// Goes on with a checksum.
    ///
    /// - Parameters:
    ///   - bytes: What to add.
    ///   - checksum: That of the bytes before; 0 to start.
    /// - Returns: The checksum of all.
    public static func checksum(_ bytes: Span<UInt8>, continuing checksum: UInt32 = 0) -> UInt32 {
        guard hasInstruction else { return byTables(bytes, continuing: checksum) }
        return unsafe bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return checksum }
            return unsafe ~crc32c_update(~checksum, start, bytes.count)
        }
    }

    /// Eight bytes a step.
    package static func byTables(_ bytes: Span<UInt8>, continuing checksum: UInt32 = 0) -> UInt32 {
        let tables = Self.tables.span
        var crc = ~checksum
        var offset = 0
        while offset + 8 <= bytes.count {
            // In bounds by the loop's condition.
            let word =
                unsafe UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
                ^ UInt64(crc)
            crc = tables[7 * 256 + Int(word & 0xFF)]
            crc ^= tables[6 * 256 + Int(word >> 8 & 0xFF)]
            crc ^= tables[5 * 256 + Int(word >> 16 & 0xFF)]
            crc ^= tables[4 * 256 + Int(word >> 24 & 0xFF)]
            crc ^= tables[3 * 256 + Int(word >> 32 & 0xFF)]
            crc ^= tables[2 * 256 + Int(word >> 40 & 0xFF)]
            crc ^= tables[1 * 256 + Int(word >> 48 & 0xFF)]
            crc ^= tables[Int(word >> 56)]
            offset += 8
        }
        while offset < bytes.count {
            crc = crc >> 8 ^ tables[Int((crc ^ UInt32(bytes[offset])) & 0xFF)]
            offset += 1
        }
        return ~crc
    }

    /// The checksum of an array's bytes.
    public static func checksum(_ bytes: [UInt8], continuing checksum: UInt32 = 0) -> UInt32 {
        Self.checksum(bytes.span, continuing: checksum)
    }

    /// Goes on with a checksum by one byte.
    static func step(_ checksum: UInt32, _ byte: UInt8) -> UInt32 {
        let crc = ~checksum
        return ~(crc >> 8 ^ tables[Int((crc ^ UInt32(byte)) & 0xFF)])
    }

    /// Eight tables of 256: the first is the usual one, each further one takes a byte that is one place farther off.
    private static let tables: [UInt32] = {
        // The reversed polynomial 0x1EDC6F41.
        let polynomial: UInt32 = 0x82F6_3B78
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ polynomial }
            tables[byte] = crc
        }
        for index in 256..<8 * 256 {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 0xFF)]
        }
        return tables
    }()
}

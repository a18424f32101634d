import Policy

/// The types whose values are understood, by the OIDs that every server gives them (src/include/catalog/pg_type.dat).
enum PostgresTypes {
    static let kinds: [UInt32: ValueKind] = {
        var kinds: [UInt32: ValueKind] = [
            16: .boolean, 17: .bytes, 18: .text, 19: .text, 20: .integer(bytes: 8), 21: .integer(bytes: 2),
            23: .integer(bytes: 4), 25: .text, 26: .integer(bytes: 8), 114: .json, 142: .xml, 650: .network,
            700: .float, 701: .float, 790: .money, 829: .network, 869: .network, 1042: .text, 1043: .text,
            1082: .date, 1083: .time, 1114: .timestamp, 1184: .timestampWithZone, 1186: .interval, 1266: .time,
            1560: .bit, 1562: .bit, 1700: .decimal, 2950: .uuid, 3802: .jsonb,
            // cstring, unknown: what a literal without a type is.
            2275: .text, 705: .text,
        ]
        for (array, element) in arrays { if let kind = kinds[element] { kinds[array] = .array(of: kind) } }
        return kinds
    }()

    /// Array type → element type.
    static let arrays: [UInt32: UInt32] = [
        1000: 16, 1001: 17, 1002: 18, 1003: 19, 1016: 20, 1005: 21, 1007: 23, 1009: 25, 1028: 26, 199: 114, 143: 142,
        651: 650, 1021: 700, 1022: 701, 791: 790, 1040: 829, 1041: 869, 1014: 1042, 1015: 1043, 1182: 1082,
        1183: 1083, 1115: 1114, 1185: 1184, 1187: 1186, 1270: 1266, 1561: 1560, 1563: 1562, 1231: 1700, 2951: 2950,
        3807: 3802, 1263: 2275,
    ]

    /// Types whose values cannot hold anything that a detector looks for, or only by chance: numbers of bounded size,
    /// truth values, dates, identifiers of the server's own.
    private static let unscanned: Set<UInt32> = [
        16, 20, 21, 23, 26, 700, 701, 790, 1082, 1083, 1114, 1184, 1186, 1266, 2950, 18, 24, 27, 28, 29, 2205, 2206,
        4089,
        1700, 3220, 2202, 2203, 2204, 2278, 1000, 1005, 1007, 1016, 1231, 1021, 1022, 1028, 1115, 1182, 1183, 1185,
        1187, 1270, 2951,
    ]

    static func kind(of oid: UInt32) -> ValueKind { kinds[oid] ?? .other }

    /// Whether a value of the type is looked at by detectors. Types that are not known are.
    static func isScanned(_ oid: UInt32) -> Bool { !unscanned.contains(oid) }

    /// Numbers with room for a card number. A column of them is a column of keys or amounts; but what was made into one may
    /// have been text that detectors would have looked at. So it is with arrays of them.
    static func isWideNumber(_ oid: UInt32) -> Bool {
        switch arrays[oid] ?? oid {
        case 20, 1700, 701: true
        default: false
        }
    }

    /// Types whose binary form is their text, so that it can be scanned and masked in place.
    static func isTextInBinary(_ oid: UInt32) -> Bool {
        switch oid {
        case 18, 19, 25, 114, 142, 705, 1042, 1043, 2275: true
        default: false
        }
    }
}

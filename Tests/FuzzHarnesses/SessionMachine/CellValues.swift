import PostgresWire

/// The values of a result as a server sends them.
extension StatementPool.Cell {
    /// - Parameter row: The first column that may be NULL is, in the second row.
    func value(row: Int, format: FormatCode) -> [UInt8]? {
        switch self {
        case .id:
            guard format == .binary else { return Array("\(row + 1)".utf8) }
            return [0, 0, 0, UInt8(truncatingIfNeeded: row + 1)]
        case .name: return row == 1 ? nil : Array("Ann \"the\\ first\t\n,\" Z\u{e9}".utf8)
        case .ssn, .taxNumber: return Array(PlantedValues.ssn.utf8)
        case .card: return row == 1 ? nil : Array(PlantedValues.card.utf8)
        case .born:
            guard format == .binary else { return Array(PlantedValues.born.utf8) }
            return [0xFF, 0xFF, 0xED, 0x5E]  // -4770 days since 2000-01-01
        case .otherSSN: return Array("everybody's".utf8)
        case .note: return Array("before \(PlantedValues.detected) behind".utf8)
        case .upper: return Array(PlantedValues.ssn.uppercased().utf8)
        case .lower: return Array(PlantedValues.ssn.lowercased().utf8)
        case .reversed: return Array(String(PlantedValues.ssn.reversed()).utf8)
        case .hexadecimal: return Array(PlantedValues.hexadecimal(PlantedValues.ssn).utf8)
        case .wrapped: return Array("(1,\(PlantedValues.ssn),\(PlantedValues.card))".utf8)
        case .constant(let text): return Array(text.utf8)
        case .long(let count): return [UInt8](repeating: UInt8(ascii: "x"), count: count)
        }
    }

    /// What RowDescription says of it.
    func description(index: Int, format: FormatCode) -> FieldDescription {
        let (table, column, type): (UInt32, Int16, UInt32) =
            switch self {
            case .id: (0, 0, 23)
            case .name: (100, 2, 25)
            case .ssn: (100, 3, 25)
            case .card: (100, 4, 25)
            case .born: (100, 5, 1082)
            case .note: (101, 2, 25)
            case .taxNumber: (102, 1, 25)
            case .otherSSN: (103, 1, 25)
            default: (0, 0, 25)
            }
        return FieldDescription(
            name: Array("c\(index)".utf8), tableOID: table, attributeNumber: column, typeOID: type, format: format)
    }

    /// As COPY writes it in text or csv.
    func copied(row: Int, _ form: StatementPool.CopyForm) -> [UInt8] {
        guard let value = value(row: row, format: .text) else { return form == .text ? Array("\\N".utf8) : [] }
        var out: [UInt8] = []
        if form == .csv {
            out.append(UInt8(ascii: "\""))
            for byte in value {
                if byte == UInt8(ascii: "\"") { out.append(byte) }
                out.append(byte)
            }
            return out + [UInt8(ascii: "\"")]
        }
        for byte in value {
            switch byte {
            case UInt8(ascii: "\t"): out += Array("\\t".utf8)
            case UInt8(ascii: "\n"): out += Array("\\n".utf8)
            case UInt8(ascii: "\\"): out += Array("\\\\".utf8)
            default: out.append(byte)
            }
        }
        return out
    }
}

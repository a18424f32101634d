/// Values that a client must never see, and the look for them.
enum PlantedValues {
    /// Of the column `customers.ssn`, which is redacted.
    static let ssn = "Qz7planted3Xw"
    /// Of `customers.card`, of which the last four characters are kept.
    static let card = "4929kZqW2049"
    /// Of `customers.born`, of which the year is kept.
    static let born = "1987-11-23"
    /// Stands in columns that nobody classified; a detector finds it.
    static let detected = "SECRETWORD"

    /// What must not come back, in every form that a statement of the pool gives it.
    static let forms: [[UInt8]] = {
        let kept = String(card.dropLast(4))
        return [
            ssn, ssn.uppercased(), ssn.lowercased(), String(ssn.reversed()), hexadecimal(ssn), kept,
            kept.uppercased(), born, detected,
        ].map { Array($0.utf8) }
    }()

    static func hexadecimal(_ text: String) -> String {
        text.utf8.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    private static let begins: [Bool] = {
        var begins = [Bool](repeating: false, count: 256)
        for form in forms { if let first = form.first { begins[Int(first)] = true } }
        return begins
    }()

    /// The first planted value in `bytes`.
    static func find(in bytes: [UInt8]) -> [UInt8]? {
        let begins = Self.begins
        for index in bytes.indices where begins[Int(bytes[index])] {
            if let found = forms.first(where: { bytes[index...].starts(with: $0) }) { return found }
        }
        return nil
    }
}

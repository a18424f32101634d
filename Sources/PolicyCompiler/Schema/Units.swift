/// Quantities with units. A bare number is refused: `10` is ten of nothing.
enum Units {
    struct Fault: Error {
        var message: String
        var suggestion: String?
    }

    private static let durations: [(unit: String, factor: UInt64)] = [
        ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
    ]
    private static let sizes: [(unit: String, factor: UInt64)] = [
        ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
    ]

    /// Seconds of `90s`, `10m`, `1h`, `1d`.
    static func seconds(_ text: String, in range: ClosedRange<UInt32>) throws(Fault) -> UInt32 {
        let value = try quantity(
            text, units: durations, noun: "a duration", example: "10m",
            known: [
                "ms": "whole seconds are the smallest", "sec": "write 's'", "min": "write 'm'", "w": "write days: 'd'",
            ])
        guard let seconds = UInt32(exactly: value), range.contains(seconds) else {
            throw Fault(
                message: "'\(text)' is out of range",
                suggestion: "between \(describe(seconds: range.lowerBound)) and \(describe(seconds: range.upperBound))")
        }
        return seconds
    }

    /// Bytes of `512B`, `64KiB`, `1MiB`.
    static func bytes(_ text: String, in range: ClosedRange<UInt64>) throws(Fault) -> UInt64 {
        let value = try quantity(
            text, units: sizes, noun: "a size", example: "64KiB",
            known: [
                "K": "write 'KiB'", "KB": "write 'KiB'", "kB": "write 'KiB'", "k": "write 'KiB'", "Ki": "write 'KiB'",
                "M": "write 'MiB'", "MB": "write 'MiB'", "Mi": "write 'MiB'", "G": "write 'GiB'", "GB": "write 'GiB'",
                "Gi": "write 'GiB'", "b": "write 'B' for bytes",
            ])
        guard range.contains(value) else {
            throw Fault(
                message: "'\(text)' is out of range",
                suggestion: "between \(describe(bytes: range.lowerBound)) and \(describe(bytes: range.upperBound))")
        }
        return value
    }

    /// The shortest exact way to write it: 600 → `10m`.
    static func describe(seconds: UInt32) -> String {
        let best = durations.last { UInt64(seconds) % $0.factor == 0 && UInt64(seconds) >= $0.factor } ?? durations[0]
        return "\(UInt64(seconds) / best.factor)\(best.unit)"
    }

    static func describe(bytes: UInt64) -> String {
        let best = sizes.last { bytes % $0.factor == 0 && bytes >= $0.factor } ?? sizes[0]
        return "\(bytes / best.factor)\(best.unit)"
    }

    private static func quantity(
        _ text: String, units: [(unit: String, factor: UInt64)], noun: String, example: String, known: [String: String]
    ) throws(Fault) -> UInt64 {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        let names = units.map(\.unit).joined(separator: ", ")
        guard !digits.isEmpty else {
            throw Fault(
                message: "'\(text)' is not \(noun)",
                suggestion: "a whole number and a unit (\(names)), as in \(example)")
        }
        guard let value = UInt64(digits) else {
            throw Fault(message: "'\(text)' is out of range", suggestion: "as in \(example)")
        }
        guard !unit.isEmpty else {
            let options = units.prefix(3).map { "\(digits)\($0.unit)" }.joined(separator: ", ")
            throw Fault(message: "'\(text)' has no unit", suggestion: "one of \(options)")
        }
        guard let factor = units.first(where: { $0.unit == unit })?.factor else {
            var mend = "the units are \(names)"
            if let meant = units.first(where: { $0.unit.lowercased() == unit.lowercased() })?.unit {
                mend = "did you mean '\(digits)\(meant)'?"
            } else if let hint = known[String(unit)] {
                mend = hint
            }
            throw Fault(message: "'\(unit)' in '\(text)' is no unit of \(noun)", suggestion: mend)
        }
        let (product, overflow) = value.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw Fault(message: "'\(text)' is out of range", suggestion: "as in \(example)") }
        return product
    }
}

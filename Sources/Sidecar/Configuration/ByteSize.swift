/// A number of bytes as people write it: `1024`, `64KiB`, `512MiB`, `2GiB`.
public struct ByteSize: Hashable, Sendable {
    public var count: UInt64

    /// - Returns: `nil` when `text` is no size, or one that 64 bits do not hold.
    public init?(_ text: String) {
        let units: [(suffix: String, shift: UInt64)] = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40), ("B", 0)]
        var digits = Substring(text)
        var shift: UInt64 = 0
        if let unit = units.first(where: { text.hasSuffix($0.suffix) }) {
            digits = digits.dropLast(unit.suffix.count)
            shift = unit.shift
        }
        guard let number = UInt64(digits) else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        guard !overflow else { return nil }
        count = product
    }
}

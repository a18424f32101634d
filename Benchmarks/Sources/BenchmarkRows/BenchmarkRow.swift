import Foundation

/// One line of the table of benchmarks: what was done, our figure, the other's of the same run, and the bound that their ratio
/// has. `bench.py` has the same form for the benchmarks that are scripts.
public struct BenchmarkRow: Encodable {
    public enum Better: String, Encodable {
        /// The target is the most that is wanted.
        case lower
        /// The target is the least.
        case higher
    }

    let work: String
    let ours: Double
    let other: Double?
    let otherName: String?
    let ratio: Double?
    let target: Double?
    let unit: String
    let better: Better
    let met: Bool?

    /// - Parameters:
    ///   - other: What ours is a multiple of, and its name; `nil`: the target bounds our figure itself.
    ///   - target: `nil`: nothing is wanted of it.
    public init(
        _ work: String, ours: Double, unit: String, other: (name: String, value: Double)? = nil, target: Double? = nil,
        better: Better = .lower
    ) {
        self.work = work
        self.ours = ours
        self.unit = unit
        self.other = other?.value
        otherName = other?.name
        self.target = target
        self.better = better
        let ratio = other.map { ours / $0.value }
        self.ratio = ratio
        let judged = ratio ?? ours
        met = target.map { better == .lower ? judged <= $0 : judged >= $0 }
    }

    private enum CodingKeys: String, CodingKey {
        case work, ours, other, ratio, target, unit, better, met
        case otherName = "other_name"
    }

    // Every key is there, null or not: the reader has one form.
    public func encode(to encoder: any Encoder) throws {
        var keys = encoder.container(keyedBy: CodingKeys.self)
        try keys.encode(work, forKey: .work)
        try keys.encode(ours, forKey: .ours)
        try keys.encode(other, forKey: .other)
        try keys.encode(otherName, forKey: .otherName)
        try keys.encode(ratio, forKey: .ratio)
        try keys.encode(target, forKey: .target)
        try keys.encode(unit, forKey: .unit)
        try keys.encode(better, forKey: .better)
        try keys.encode(met, forKey: .met)
    }
}

extension [BenchmarkRow] {
    /// Writes the rows to the file of the program's `--json FILE`, where it was given.
    public func writeWhereAsked() throws {
        let arguments = CommandLine.arguments
        guard let flag = arguments.firstIndex(of: "--json"), flag + 1 < arguments.count else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(self).write(to: URL(filePath: arguments[flag + 1]))
    }
}

/// The detectors that ship with the product.
public enum BuiltInDetectors {
    /// Their names, ascending.
    public static let names: [String] = all.map(\.name)

    /// What each finds, in a line, by name.
    public static let summaries: [String: String] = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.summary) })

    /// The regular expressions of each, by name: without what validates a match and the words that some want near it.
    public static let patterns: [String: [String]] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.name, $0.patterns.map(\.regex)) })

    static let all: [DetectorSpec] = (numbers + contacts + documents + secrets).sorted { $0.name < $1.name }

    static func spec(named name: String) -> DetectorSpec? { all.first { $0.name == name } }
}

/// The line that a diagnostic is about, with a mark under the place.
public enum SourceExcerpt {
    /// Columns that a terminal can be trusted to have.
    private static let maximumWidth = 160

    /// - Returns: two lines, or `nil` when the file holds no such line.
    public static func lines(for location: SourceLocation, in files: [PolicySource]) -> (source: String, mark: String)?
    {
        guard let file = files.first(where: { $0.name == location.file }) else { return nil }
        let all = file.bytes.split(
            separator: UInt8(ascii: "\n"), maxSplits: location.line, omittingEmptySubsequences: false)
        guard all.indices.contains(location.line - 1) else { return nil }
        // Control characters could move the cursor of the terminal that shows them.
        let scalars = String(decoding: all[location.line - 1], as: UTF8.self).unicodeScalars.map { scalar in
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? " " : Character(scalar)
        }
        let start = max(0, location.column - 1)
        let skipped = start < maximumWidth - 40 ? 0 : start - 40
        let shown = scalars.dropFirst(skipped).prefix(maximumWidth)
        let length = max(1, min(location.length, shown.count - (start - skipped)))
        return (
            String(shown),
            String(repeating: " ", count: start - skipped) + "^" + String(repeating: "~", count: length - 1)
        )
    }
}

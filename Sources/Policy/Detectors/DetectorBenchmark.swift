/// Typical values, and a scan of them, for the benchmark package.
public enum DetectorBenchmark {
    /// Cells as databases hold them; none has anything sensitive in it.
    public static let cells: [String] = [
        "Alice", "Smith", "2024-05-06 07:08:09.123456+00", "17", "482913", "open", "true", "Berlin", "149.90", "EUR",
        "550e8400-e29b-41d4-a716-446655440000", "The customer asked for a refund and was told to wait.",
        "ORD-2024-000123", "Shipped with the second parcel, left with a neighbour at number 12.",
        "{\"size\": \"L\", \"colour\": \"blue\", \"count\": 3}", "d41d8cd98f00b204e9800998ecf8427e", "NULL", "0.0725",
    ]

    /// Scans the bytes of each cell as often as asked for.
    /// - Returns: How many bytes were scanned and how much was found.
    public static func scan(
        _ cells: [[UInt8]], with tables: DetectorTables, enabled: DetectorSet, rounds: Int
    ) -> (bytes: Int, findings: Int) {
        let selection = tables.selection(of: enabled)
        var findings = DetectorFindings()
        var bytes = 0
        var found = 0
        for _ in 0..<rounds {
            for cell in cells {
                tables.scan(cell.span, with: selection, into: &findings)
                bytes += cell.count
                found += findings.findings.count
            }
        }
        return (bytes, found)
    }
}

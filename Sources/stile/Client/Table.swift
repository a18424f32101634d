/// Rows in columns, as wide as their content, the last column cut by nothing.
struct Table {
    private let header: [String]
    private var rows: [[String]] = []
    /// No column but the last is wider.
    private static let maximumWidth = 48

    init(_ header: String...) {
        self.header = header
    }

    mutating func add(_ cells: String...) {
        rows.append(cells.map(Terminal.safe))
    }

    var text: String {
        var widths = header.map(\.count)
        for row in rows {
            for (column, cell) in row.enumerated() where column < widths.count {
                widths[column] = max(widths[column], min(cell.count, Self.maximumWidth))
            }
        }
        return ([header] + rows).map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                guard column < row.count - 1 else {
                    line += cell
                    break
                }
                let cut = cell.count > Self.maximumWidth ? cell.prefix(Self.maximumWidth - 1) + "…" : cell[...]
                line += cut + String(repeating: " ", count: max(widths[column] - cut.count, 0) + 2)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}

/// Levenshtein's distance, for suggestions.
enum EditDistance {
    static func between(_ left: String, _ right: String) -> Int {
        let other = Array(right.unicodeScalars)
        var row = Array(0...other.count)
        for (index, scalar) in left.unicodeScalars.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in other.indices {
                let cost = diagonal + (other[column] == scalar ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(cost, row[column] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }
}

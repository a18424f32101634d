/// Finds what somebody probably meant to write.
enum Suggestion {
    /// Longer words are not compared: the comparison costs the product of the lengths.
    private static let maximumLength = 64

    /// - Returns: the candidate nearest to `word`, or `nil` when none is near enough to be meant.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(word.lowercased().unicodeScalars)
        guard !wanted.isEmpty, wanted.count <= maximumLength else { return nil }
        var best: (candidate: String, distance: Int, shared: Int)?
        for candidate in candidates {
            let letters = Array(candidate.lowercased().unicodeScalars)
            guard letters.count <= maximumLength, candidate != word else { continue }
            let allowed = max(1, max(wanted.count, letters.count) / 3)
            guard abs(wanted.count - letters.count) <= allowed else { continue }
            let distance = editDistance(wanted, letters)
            guard distance <= allowed else { continue }
            // People get the beginning of a word right more often than its end.
            let shared = zip(wanted, letters).prefix { $0 == $1 }.count
            if let best, (best.distance, -best.shared) <= (distance, -shared) { continue }
            best = (candidate, distance, shared)
        }
        return best?.candidate
    }

    /// `did you mean 'x'?`, or the list of what is allowed when nothing is near and the list is short enough to read.
    static func phrase(for word: String, among candidates: [String], whatTheyAre: String) -> String? {
        if let nearest = nearest(to: word, among: candidates) { return "did you mean '\(nearest)'?" }
        guard !candidates.isEmpty, candidates.count <= 24 else { return nil }
        return "\(whatTheyAre): \(candidates.joined(separator: ", "))"
    }

    /// The optimal string alignment distance: insertions, deletions, substitutions, and neighbours swapped.
    private static func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var current = [i + 1]
            current.reserveCapacity(b.count + 1)
            for j in 0..<b.count {
                var cost = min(last[j + 1] + 1, current[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[b.count]
    }
}

extension DetectorFindings {
    /// Makes findings of the matches: what overlaps becomes one finding that covers all of it, so that no byte that any
    /// detector claimed stays in clear.
    mutating func resolveOverlaps() {
        guard let only = matches.first else { return }
        if matches.count == 1 {
            var detectors = DetectorSet()
            detectors.insert(only.detector)
            findings.append(Finding(range: only.range, detector: only.detector, detectors: detectors))
            return
        } else {
            matches.sort { left, right in
                if left.range.lowerBound != right.range.lowerBound {
                    return left.range.lowerBound < right.range.lowerBound
                }
                if left.range.count != right.range.count { return left.range.count > right.range.count }
                if left.rank != right.rank { return left.rank > right.rank }
                return left.detector < right.detector
            }
        }
        var index = 0
        while index < matches.count {
            var best = matches[index]
            var range = best.range
            var detectors = DetectorSet()
            detectors.insert(best.detector)
            // The longest match so far by its end: what lies within it does not count.
            var last = best
            index += 1
            while index < matches.count, matches[index].range.lowerBound < range.upperBound {
                let match = matches[index]
                index += 1
                let isWithin = match.range.upperBound <= last.range.upperBound && match.range.count < last.range.count
                if isWithin { continue }
                detectors.insert(match.detector)
                if match.range.upperBound > last.range.upperBound { last = match }
                if match.range.count > best.range.count
                    || match.range.count == best.range.count && match.rank > best.rank
                {
                    best = match
                }
                range = range.lowerBound..<max(range.upperBound, match.range.upperBound)
            }
            findings.append(Finding(range: range, detector: best.detector, detectors: detectors))
        }
    }
}

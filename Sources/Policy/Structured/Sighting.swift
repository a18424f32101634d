/// Something that was found, on its way to where it is masked.
struct Sighting {
    var range: Range<Int>
    var detector: Int
    var detectors: DetectorSet
    /// Some of it lies elsewhere: in another string, say. No part of it may be kept.
    var isPart = false

    init(_ finding: Finding) {
        range = finding.range
        detector = finding.detector
        detectors = finding.detectors
    }

    func clamped(to bounds: Range<Int>) -> Sighting {
        var result = self
        result.range = range.clamped(to: bounds)
        if result.range != range { result.isPart = true }
        return result
    }

    /// Ascending and apart: what overlaps becomes one that covers all of it.
    static func merged(_ sightings: [Sighting]) -> [Sighting] {
        guard sightings.count > 1 else { return sightings.filter { !$0.range.isEmpty } }
        let sorted = sightings.sorted {
            ($0.range.lowerBound, $1.range.count) < ($1.range.lowerBound, $0.range.count)
        }
        var result: [Sighting] = []
        for sighting in sorted where !sighting.range.isEmpty {
            guard var last = result.last, sighting.range.lowerBound < last.range.upperBound else {
                result.append(sighting)
                continue
            }
            last.detectors.formUnion(sighting.detectors)
            if sighting.range.count > last.range.count { last.detector = sighting.detector }
            // What is known to be a part stays one, unless all of it was seen again.
            if sighting.range != last.range { last.isPart = last.isPart || sighting.isPart }
            last.range = last.range.lowerBound..<max(last.range.upperBound, sighting.range.upperBound)
            result[result.count - 1] = last
        }
        return result
    }
}

/// What was found, from one place of a text on.
struct SightingCursor {
    private let sightings: [Sighting]
    private var next = 0

    init(_ sightings: [Sighting]) { self.sightings = sightings }

    /// What overlaps a range, which is behind all that were asked for.
    mutating func take(in range: Range<Int>) -> [Sighting] {
        while next < sightings.count, sightings[next].range.upperBound <= range.lowerBound { next += 1 }
        var result: [Sighting] = []
        var index = next
        while index < sightings.count, sightings[index].range.lowerBound < range.upperBound {
            result.append(sightings[index])
            index += 1
        }
        return result
    }

    /// Whether what is left begins before a place.
    @inline(__always)
    func hasAny(before end: Int) -> Bool { next < sightings.count && sightings[next].range.lowerBound < end }

    /// What ends behind a place.
    func rest(from position: Int) -> [Sighting] { sightings[next...].filter { $0.range.upperBound > position } }
}

/// The patterns section: every glob once.
struct PatternSink {
    private(set) var bytes: [UInt8] = []
    private var offsets: [[UInt8]: Int] = [:]

    mutating func put(_ pattern: [UInt8]) -> UInt32 {
        if let offset = offsets[pattern] { return UInt32(truncatingIfNeeded: offset) }
        let offset = bytes.count
        offsets[pattern] = offset
        bytes += pattern
        return UInt32(truncatingIfNeeded: offset)
    }
}

/// Lays out a ``GlobTable``.
struct GlobTableSink {
    let form: GlobPattern.Form
    private var numbers: [(glob: Glob, number: UInt32)] = []

    init(form: GlobPattern.Form) {
        self.form = form
    }

    mutating func put(_ glob: Glob, _ number: UInt32) {
        numbers.append((glob, number))
    }

    /// - Throws: ``BundleWriterError`` when the globs have too many shapes.
    func words(patterns: inout PatternSink) throws(BundleWriterError) -> [UInt32] {
        let sorted = numbers.sorted { left, right in
            left.glob == right.glob
                ? left.number < right.number : left.glob.encoded.lexicographicallyPrecedes(right.glob.encoded)
        }
        var shapes: [GlobShape] = []
        var shapeNumbers: [GlobShape: Int] = [:]
        var buckets: [UInt32: [Int]] = [:]
        for (index, entry) in sorted.enumerated() {
            let components = GlobPattern.components(of: entry.glob.encoded)
            let shape = GlobShape(of: entry.glob.encoded)
            let number = shapeNumbers[shape] ?? shapes.count
            if number == shapes.count {
                shapes.append(shape)
                shapeNumbers[shape] = number
            }
            let hash = GlobShape.hash(shape: number, parts: shape.parts) { GlobShape.literal(components[$0]) }
            buckets[hash ?? 0, default: []].append(index)
        }
        guard shapes.count <= GlobTable.maximumShapes else {
            throw BundleWriterError(
                .tooMany, "the patterns of one kind differ in more than \(GlobTable.maximumShapes) ways")
        }
        return layOut(sorted, shapes, buckets, &patterns)
    }

    private func layOut(
        _ sorted: [(glob: Glob, number: UInt32)], _ shapes: [GlobShape], _ buckets: [UInt32: [Int]],
        _ patterns: inout PatternSink
    ) -> [UInt32] {
        var slotCount = buckets.isEmpty ? 0 : 2
        while slotCount < 2 * buckets.count { slotCount *= 2 }
        var slots = [UInt32](repeating: 0, count: slotCount * GlobTable.slotWords)
        var entries: [UInt32] = []
        for (hash, bucket) in buckets.sorted(by: { $0.key < $1.key }) {
            var slot = Int(hash) & (slotCount - 1)
            while slots[slot * GlobTable.slotWords + 2] != 0 { slot = (slot + 1) & (slotCount - 1) }
            slots[slot * GlobTable.slotWords] = hash
            slots[slot * GlobTable.slotWords + 1] = UInt32(truncatingIfNeeded: entries.count / GlobTable.entryWords)
            slots[slot * GlobTable.slotWords + 2] = UInt32(truncatingIfNeeded: bucket.count)
            for index in bucket {
                let pattern = sorted[index].glob.encoded
                entries.append(patterns.put(pattern))
                entries.append(UInt32(truncatingIfNeeded: pattern.count))
                entries.append(sorted[index].number)
            }
        }
        var words = [shapes.count, slotCount, sorted.count].map { UInt32(truncatingIfNeeded: $0) }
        for shape in shapes {
            words.append(UInt32(truncatingIfNeeded: shape.parts.count) | (shape.isOpen ? GlobTable.openShape : 0))
            for index in 0..<form.maximumComponents {
                words.append(index < shape.parts.count ? shape.parts[index].encoded : 0)
            }
        }
        return words + slots + entries
    }
}

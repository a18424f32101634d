/// A text that is looked at as it comes, in windows: what has come and was not dealt with yet, and before it as much of what was as
/// detectors look back at.
///
/// Where a window ends depends on the text alone, and not on the pieces in which it came: a window is looked at when it is full, or when
/// the text is over. So is what is made of it.
struct MaskingWindow: Sendable {
    /// Bytes that are looked at at once.
    static let usual = 64 << 10
    /// The longest value that is looked at as a whole, in bytes as it is written.
    static let longestValue = 1 << 20
    /// With what is behind a value of that length.
    static let widest = longestValue + usual
    /// Bytes on either side of a value that may decide about it: a word near it (48 bytes), what a validator looks at (37), how far an
    /// anchor is from where its match begins (256). Of what is written in escapes it takes six to make one.
    static let around = 1_024

    private(set) var bytes: [UInt8] = []
    /// Up to here everything was dealt with.
    private(set) var start = 0
    /// Bytes that are waited for.
    private var target = usual
    let least: Int

    /// - Parameter size: bytes of a window; tests take small ones.
    init(size: Int = usual) {
        least = size
        target = size
    }

    /// Where the bytes end that are looked at now.
    var end: Int { min(bytes.count, start + target) }
    var isFull: Bool { bytes.count - start >= target }
    var isEmpty: Bool { bytes.count == start }

    mutating func reset() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= 2 * MaskingWindow.usual)
        start = 0
        target = least
    }

    /// Takes as much as makes a full window.
    ///
    /// - Returns: how much that was.
    mutating func fill(_ text: Span<UInt8>, from position: Int) -> Int {
        let count = min(text.count - position, max(0, start + target - bytes.count))
        bytes.append(text, position..<position + count)
        return count
    }

    /// Lends the bytes, so that whoever looks at them may write to what the window is in.
    mutating func lend() -> [UInt8] {
        let lent = bytes
        bytes = []
        return lent
    }

    /// Takes back what was lent, and forgets what was dealt with, but for what detectors look back at.
    ///
    /// - Parameter end: behind which it goes on.
    mutating func restore(_ lent: consuming [UInt8], to end: Int) {
        bytes = lent
        guard end > start else { return }
        let kept = max(0, end - MaskingWindow.around)
        bytes.removeSubrange(..<kept)
        start = end - kept
        target = least
        if bytes.capacity > 4 * MaskingWindow.usual, bytes.count < MaskingWindow.usual { bytes = bytes.map { $0 } }
    }

    /// Whether a window that could be dealt with up to there is worth it. Where windows went on by a few bytes each time, a text that is made for
    /// it would be looked at thousands of times.
    func isWorthwhile(_ limit: Int) -> Bool { limit - start >= target / 8 }

    /// Waits for more, as too little could be done with what is there.
    ///
    /// - Returns: `false` when it is as wide as it gets.
    mutating func widen() -> Bool {
        guard target < MaskingWindow.widest else { return false }
        target = min(target * 2, MaskingWindow.widest)
        return true
    }
}

extension StructuredMasking {
    /// What is found in a window, and up to where that is known for certain.
    struct View {
        /// Ascending and apart.
        var found: [Sighting]
        /// What is found before it would be found in the whole text, too, and nothing that was found goes over it.
        var limit: Int
        /// The same, but for what begins here and may go on for longer than a window.
        var hardLimit: Int
    }

    /// Looks at a window.
    ///
    /// - Parameter around: bytes at the end that may decide about what is before them.
    mutating func look(
        at text: Span<UInt8>, as syntax: Syntax, isFinal: Bool, around: Int = MaskingWindow.around,
        _ selection: DetectorSelection
    ) -> View {
        var open = Int.max
        let found = findings(in: text, of: syntax, selection, among: [], open: &open)
        guard !isFinal else { return View(found: found, limit: text.count, hardLimit: text.count) }
        let certain = max(0, text.count - around)
        var view = View(found: found, limit: min(open, certain), hardLimit: certain)
        for sighting in found.reversed() {
            // What ends near the end might go on.
            guard sighting.range.upperBound > min(view.limit, certain) else { break }
            if sighting.range.upperBound > view.limit { view.limit = min(view.limit, sighting.range.lowerBound) }
            if sighting.range.upperBound > certain { view.hardLimit = min(view.hardLimit, sighting.range.lowerBound) }
        }
        return view
    }
}

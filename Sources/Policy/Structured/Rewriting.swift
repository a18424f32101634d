/// How far a text has been written anew. What is not replaced is copied in stretches, from one replaced part to the next, and
/// nothing is written until something is replaced.
struct Rewriting {
    /// Up to here the text has been dealt with.
    private(set) var end = 0
    private(set) var isChanged = false

    init() {}

    /// What comes before `start` is no part of what is written.
    init(from start: Int) { end = start }

    /// Leaves out what comes before a place.
    mutating func leaveOut(upTo place: Int) { end = max(end, place) }

    /// Copies what comes before a part; the caller appends what takes the part's place.
    mutating func replace(_ part: Range<Int>, of text: Span<UInt8>, in output: inout [UInt8]) {
        output.append(text, end..<part.lowerBound)
        end = part.upperBound
        isChanged = true
    }

    /// Copies what comes before a place that will be written anew from there on.
    mutating func keep(upTo place: Int, of text: Span<UInt8>, in output: inout [UInt8]) {
        output.append(text, end..<place)
        end = place
    }

    /// Copies the rest of a text that changed.
    ///
    /// - Returns: Whether it did. If not, nothing was written.
    func finish(_ text: Span<UInt8>, in output: inout [UInt8]) -> Bool {
        if isChanged { output.append(text, min(end, text.count)..<text.count) }
        return isChanged
    }
}

/// Decides, for next to nothing, what need not be looked at.
///
/// First by signals: every match of a group has a byte of its signals near its start (a digit, an `@`), so where SIMD
/// sees none, the group is not run at all. Then by the first three bytes of a match and the byte before it, by table.
struct DetectorPrefilter: Sendable {
    private let signals: [ClosedRange<UInt8>]
    /// Groups that need no signal.
    private let unconditional: UInt64
    /// Signal → groups that it wakes.
    private let groupsOfSignal: [UInt64]
    /// Byte → groups that may have it at their first, second, third place: at 0, 256 and 512; behind 768 the groups that may
    /// start behind it.
    let starts: [UInt64]
    init(groups: [DetectorAutomaton], signals: [ClosedRange<UInt8>]) {
        self.signals = signals
        var unconditional: UInt64 = 0
        var groupsOfSignal = Array(repeating: UInt64(0), count: signals.count)
        var starts = Array(repeating: UInt64(0), count: 1024)
        for (number, group) in groups.enumerated() {
            let bit: UInt64 = 1 << UInt64(number)
            if group.signals == 0 { unconditional |= bit }
            for signal in signals.indices where group.signals >> UInt16(signal) & 1 != 0 {
                groupsOfSignal[signal] |= bit
            }
            for (place, flags) in group.leadingBytes().enumerated() {
                for byte in 0..<256 where flags[byte] { starts[place * 256 + byte] |= bit }
            }
            for byte in 0..<256 where !group.notAfter[byte] { starts[768 + byte] |= bit }
        }
        self.unconditional = unconditional
        self.groupsOfSignal = groupsOfSignal
        self.starts = starts
    }

    /// The groups that may find something that starts in the text.
    func groups(in text: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var result = unconditional
        for signal in signals.indices
        where groupsOfSignal[signal] & ~result != 0 && contains(signals[signal], text, range) {
            result |= groupsOfSignal[signal]
        }
        return result
    }

    /// Whether a byte of `signal` is in the text.
    private func contains(_ signal: ClosedRange<UInt8>, _ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let first = signal.lowerBound
        let span = signal.upperBound - first
        var position = range.lowerBound
        if range.count >= 32 {
            let bytes = unsafe text.bytes
            let low = SIMD32<UInt8>(repeating: first)
            var least = SIMD32<UInt8>(repeating: .max)
            while position + 32 <= range.upperBound {
                let block = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position, as: SIMD32<UInt8>.self)
                least = pointwiseMin(least, block &- low)
                position += 32
            }
            // The rest, with some of what was seen before.
            let block = unsafe bytes.unsafeLoadUnaligned(
                fromByteOffset: range.upperBound - 32, as: SIMD32<UInt8>.self)
            least = pointwiseMin(least, block &- low)
            return least.min() <= span
        }
        while position < range.upperBound {
            if text[position] &- first <= span { return true }
            position += 1
        }
        return false
    }
}

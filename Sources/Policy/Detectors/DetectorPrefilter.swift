/// Decides, for next to nothing, what need not be looked at.
///
/// First by signals: every match of a group has a byte of its signals near its start (a digit, an `@`), so where there is
/// none, the group is not run at all. Then by the first three bytes of a match and the byte before it, by table.
struct DetectorPrefilter: Sendable {
    private struct Signal: BitwiseCopyable {
        var first: UInt8
        var span: UInt8
        var groups: UInt64
    }

    /// With more signals than this, one look-up a byte is cheaper than a vector comparison a signal.
    private static let maxVectorSignals = 4

    private let signals: FrozenTable<Signal>
    /// Groups that need no signal.
    private let unconditional: UInt64
    /// Byte → groups that it wakes.
    private let woken: FrozenTable<UInt64>
    /// Byte → groups that may have it at their first, second, third place: at 0, 256 and 512; behind 768 the groups that may
    /// start behind it.
    let starts: FrozenTable<UInt64>

    init(groups: [DetectorAutomaton], signals ranges: [ClosedRange<UInt8>]) {
        var unconditional: UInt64 = 0
        var signals = ranges.map { Signal(first: $0.lowerBound, span: $0.upperBound - $0.lowerBound, groups: 0) }
        var woken = Array(repeating: UInt64(0), count: 256)
        var starts = Array(repeating: UInt64(0), count: 1024)
        for (number, group) in groups.enumerated() {
            let bit: UInt64 = 1 << UInt64(number)
            if group.signals == 0 { unconditional |= bit }
            for signal in signals.indices where group.signals >> UInt16(signal) & 1 != 0 {
                signals[signal].groups |= bit
                for byte in ranges[signal] { woken[Int(byte)] |= bit }
            }
            for (place, flags) in group.leadingBytes().enumerated() {
                for byte in 0..<256 where flags[byte] { starts[place * 256 + byte] |= bit }
            }
            for byte in 0..<256 where !group.notAfter[byte] { starts[768 + byte] |= bit }
        }
        self.unconditional = unconditional
        self.signals = FrozenTable(signals)
        self.woken = FrozenTable(woken)
        self.starts = FrozenTable(starts)
    }

    func free() {
        signals.free()
        woken.free()
        starts.free()
    }

    /// The groups of `wanted` that may find something that starts in the text.
    func groups(_ wanted: UInt64, in text: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        let asleep = wanted & ~unconditional
        guard asleep != 0 else { return wanted }
        var needed = 0
        for index in 0..<signals.count where signals[index].groups & asleep != 0 { needed += 1 }
        if range.count < 32 || needed > DetectorPrefilter.maxVectorSignals {
            return wanted & (unconditional | lookUp(asleep, text, range))
        }
        var result = unconditional
        for index in 0..<signals.count {
            let signal = signals[index]
            if signal.groups & asleep & ~result != 0, contains(signal, text, range) { result |= signal.groups }
        }
        return wanted & result
    }

    private func lookUp(_ asleep: UInt64, _ text: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var result: UInt64 = 0
        var position = range.lowerBound
        while position < range.upperBound {
            let end = min(position + 64, range.upperBound)
            while position < end {
                result |= woken[Int(text[position])]
                position += 1
            }
            if result & asleep == asleep { break }
        }
        return result
    }

    /// Whether a byte of `signal` is in the text, which has 32 bytes or more.
    private func contains(_ signal: Signal, _ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let bytes = unsafe text.bytes
        let low = SIMD32<UInt8>(repeating: signal.first)
        var position = range.lowerBound
        while position + 32 <= range.upperBound {
            let block = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position, as: SIMD32<UInt8>.self)
            if (block &- low).min() <= signal.span { return true }
            position += 32
        }
        // The rest, with some of what was seen before.
        let block = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: range.upperBound - 32, as: SIMD32<UInt8>.self)
        return (block &- low).min() <= signal.span
    }
}

/// Decides, for next to nothing, what need not be looked at.
///
/// First by signals: every match of a group has a byte of its signals near its start (a digit, an `@`), or begins with one of
/// few bytes, so where there is none the group is not run at all. Then by the first bytes of a match, by table. Then by the byte
/// before it, and by how many digits and bytes of a number or a token follow.
struct DetectorPrefilter: Sendable {
    /// Numbers of digits and lengths that are told apart.
    private static let counted = 64

    /// The bit of texts that have a backslash, with which escapes begin.
    static let escapes: UInt64 = 1 << 63

    /// Byte → groups that it wakes.
    private let woken: FrozenTable<UInt64>
    /// For each of the first places, byte → groups that may have it there; behind the 256 bytes an entry for the end of
    /// the text.
    let starts: FrozenTable<UInt64>
    /// The same for single context words: a bit stands for all that go on in the same way behind two bytes.
    let wordStarts: FrozenTable<UInt64>
    /// Byte → groups that may start behind it, and an entry for the beginning of the text; behind it the same with every group
    /// everywhere, for texts that have escapes.
    let before: FrozenTable<UInt64>
    /// Byte → anchored groups that may have it before their anchor.
    let inside: FrozenTable<UInt64>
    /// The places where groups may start that need neither an anchor nor context, and those where context words may.
    let marks: DetectorMarks
    let wordMarks: DetectorMarks
    /// Groups whose matches are numbers, and those whose matches are tokens.
    let numbers: UInt64
    let tokens: UInt64
    /// Count → groups that so many digits are enough for; behind them, the same for bytes.
    private let enough: FrozenTable<UInt64>
    /// Byte → 1: a digit, 2: of numbers, 4: of tokens.
    private let kinds: FrozenTable<UInt8>

    init(groups: [DetectorAutomaton], profiles: [DetectorProfile], signals: [ClosedRange<UInt8>]) {
        let counted = DetectorPrefilter.counted
        var woken = Array(repeating: UInt64(0), count: 256)
        var starts = Array(repeating: UInt64(0), count: 257 * DetectorProfile.window)
        var before = Array(repeating: UInt64(0), count: 256) + Array(repeating: UInt64.max, count: 258)
        var inside = Array(repeating: UInt64(0), count: 256)
        var enough = Array(repeating: UInt64(0), count: 2 * counted)
        var numbers: UInt64 = 0
        var tokens: UInt64 = 0
        for (number, group) in groups.enumerated() {
            let bit: UInt64 = 1 << UInt64(number)
            let profile = profiles[number]
            for signal in signals.indices where group.signals >> UInt16(signal) & 1 != 0 {
                for byte in signals[signal] { woken[Int(byte)] |= bit }
            }
            if group.signals == 0 { for byte in 0..<256 where profile.leading[0][byte] { woken[byte] |= bit } }
            for (place, flags) in profile.leading.enumerated() {
                for byte in 0...256 where flags[byte] { starts[place * 257 + byte] |= bit }
            }
            for byte in 0..<256 where !group.notAfter[byte] { before[byte] |= bit }
            for byte in profile.beforeAnchor.indices where profile.beforeAnchor[byte] { inside[byte] |= bit }
            switch profile.run {
            case .any: break
            case .number: numbers |= bit
            case .token: tokens |= bit
            }
            for count in 0..<counted {
                let isLast = count == counted - 1
                if isLast || count >= profile.digits { enough[count] |= bit }
                if isLast || count >= profile.length { enough[counted + count] |= bit }
            }
        }
        woken[Int(UInt8(ascii: "\\"))] |= DetectorPrefilter.escapes
        self.woken = FrozenTable(woken)
        self.starts = FrozenTable(starts)
        let wordStarts = DetectorProfile.wordStarts(groups.filter { $0.kind == .contextWords })
        self.wordStarts = FrozenTable(wordStarts)
        var walked: UInt64 = 0
        var words: UInt64 = 0
        for (number, group) in groups.enumerated() {
            let bit: UInt64 = 1 << UInt64(number)
            if group.kind == .contextWords { words |= bit }
            if group.kind == .immediate, profiles[number].anchor == nil { walked |= bit }
        }
        marks = DetectorMarks(starts: starts, before: before, members: walked, humps: false) { group, place, byte in
            profiles[group].length <= place || profiles[group].run.contains(byte)
        }
        wordMarks = DetectorMarks(
            starts: wordStarts, before: before.map { $0 & words == 0 ? 0 : .max },
            members: wordStarts[..<256].reduce(0, |), humps: true)
        self.before = FrozenTable(before)
        self.inside = FrozenTable(inside)
        self.numbers = numbers
        self.tokens = tokens
        self.enough = FrozenTable(enough)
        kinds = FrozenTable(
            (0..<256).map { value in
                let byte = UInt8(value)
                return (byte.isDigit ? 1 : 0) | (DetectorRun.number.contains(byte) ? 2 : 0)
                    | (DetectorRun.token.contains(byte) ? 4 : 0)
            })
    }

    func free() {
        woken.free()
        starts.free()
        wordStarts.free()
        marks.free()
        wordMarks.free()
        before.free()
        inside.free()
        enough.free()
        kinds.free()
    }

    /// The groups of `wanted` that may find something that starts in the text, and ``escapes``.
    func groups(_ wanted: UInt64, in text: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var result: UInt64 = 0
        var position = range.lowerBound
        while position < range.upperBound {
            let end = min(position + 128, range.upperBound)
            result |= unsafe text.withUnsafeBufferPointer { bytes in
                unsafe DetectorPrefilter.union(
                    woken.pointer, bytes.baseAddress.unsafelyUnwrapped + position, end - position)
            }
            position = end
        }
        return result & (wanted | DetectorPrefilter.escapes)
    }

    /// The union of the entries of `count` bytes.
    @inline(never)
    private static func union(_ table: UnsafePointer<UInt64>, _ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var position = 0
        while position &+ 4 <= count {
            unsafe first |= table[Int(bytes[position])] | table[Int(bytes[position &+ 1])]
            unsafe second |= table[Int(bytes[position &+ 2])] | table[Int(bytes[position &+ 3])]
            position &+= 4
        }
        while position < count {
            unsafe first |= table[Int(bytes[position])]
            position &+= 1
        }
        return first | second
    }

    /// The run of bytes of one kind that a place is in, as far as it was looked at.
    struct Run {
        fileprivate let kind: UInt8
        private var end = 0
        private var position = 0
        private var digits = 0

        init(number: Bool) { kind = number ? 2 : 4 }

        /// Counts what is left of the run from `start` on. Places come in ascending order, so that no byte is counted more than
        /// twice.
        @inline(__always)
        fileprivate mutating func measure(
            _ text: Span<UInt8>, from start: Int, _ kinds: FrozenTable<UInt8>
        ) -> (digits: Int, bytes: Int) {
            if start >= end {
                end = start
                digits = 0
                while end < text.count {
                    let flags = kinds[Int(unsafe text[unchecked: end])]
                    if flags & kind == 0 { break }
                    digits += Int(flags & 1)
                    end += 1
                }
            } else {
                while position < start {
                    digits -= Int(kinds[Int(unsafe text[unchecked: position])] & 1)
                    position += 1
                }
            }
            position = start
            return (digits, end - start)
        }
    }

    /// The runs that a place is in. Of one text, which is searched from its beginning to its end.
    struct Runs {
        var numbers = Run(number: true)
        var tokens = Run(number: false)
    }

    /// Leaves out the groups that what follows has too few digits or bytes for.
    @inline(__always)
    func sufficient(
        _ groups: UInt64, of kind: UInt64, _ text: Span<UInt8>, from start: Int, _ run: inout Run
    ) -> UInt64 {
        if groups & kind == 0 { return groups }
        let (digits, bytes) = run.measure(text, from: start, kinds)
        let last = DetectorPrefilter.counted - 1
        return groups & (~kind | enough[min(digits, last)] & enough[last + 1 + min(bytes, last)])
    }
}

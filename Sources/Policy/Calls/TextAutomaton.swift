/// A deterministic automaton over the bytes of a text, as a bundle holds it and as an argument's pattern is matched: it reads each byte
/// once, whatever the text.
///
/// State 0 is the dead one. A state may accept before a byte of `\w`, before any other and at the end, or both.
public struct TextAutomaton: Hashable, Sendable {
    /// What a pattern may need. A word has four bytes in a bundle.
    public static let maximumStates = 2_000
    /// Whether the pattern must reach to the text's end.
    public let reachesEnd: Bool
    private let start: UInt32
    private let classCount: Int
    /// 256 of them.
    private let byteClasses: [UInt32]
    /// A bit for "before a byte of \w", one for "before another".
    private let accepts: [UInt32]
    private let transitions: [UInt32]

    private static let beforeWord: UInt32 = 1
    private static let beforeOther: UInt32 = 2

    /// - Parameter words: as ``words`` gives them.
    /// - Returns: `nil` when they are no automaton: nothing that is looked up in one can leave it.
    public init?(words: [UInt32]) {
        guard words.count >= 4 + 256 else { return nil }
        let (states, classes) = (Int(words[2]), Int(words[3]))
        guard words[0] <= 1, (1...Self.maximumStates).contains(states), (1...256).contains(classes),
            words[1] < words[2], words.count == 4 + 256 + states + states * classes
        else { return nil }
        reachesEnd = words[0] == 1
        start = words[1]
        classCount = classes
        byteClasses = Array(words[4..<260])
        accepts = Array(words[260..<260 + states])
        transitions = Array(words[(260 + states)...])
        guard byteClasses.allSatisfy({ $0 < words[3] }), accepts.allSatisfy({ $0 <= 3 }),
            transitions.allSatisfy({ $0 < words[2] })
        else { return nil }
    }

    /// - Parameters:
    ///   - accepts: of each state, whether it accepts before a byte of `\w`, and before another or the end.
    ///   - transitions: of each state, to which it goes by each class.
    public init?(
        reachesEnd: Bool, start: Int, byteClasses: [UInt8], classCount: Int,
        accepts: [(beforeWord: Bool, beforeOther: Bool)], transitions: [Int]
    ) {
        self.init(
            words: [
                reachesEnd ? 1 : 0, UInt32(clamping: start), UInt32(clamping: accepts.count),
                UInt32(clamping: classCount),
            ]
                + byteClasses.map { UInt32($0) }
                + accepts.map { ($0.beforeWord ? Self.beforeWord : 0) | ($0.beforeOther ? Self.beforeOther : 0) }
                + transitions.map { UInt32(clamping: $0) })
    }

    /// What it is in a bundle.
    public var words: [UInt32] {
        [reachesEnd ? 1 : 0, start, UInt32(clamping: accepts.count), UInt32(clamping: classCount)]
            + byteClasses + accepts + transitions
    }

    public func matches(_ text: String) -> Bool {
        var state = start
        for byte in text.utf8 {
            if !reachesEnd, accepts[Int(state)] & (Self.isWord(byte) ? Self.beforeWord : Self.beforeOther) != 0 {
                return true
            }
            state = transitions[Int(state) * classCount + Int(byteClasses[Int(byte)])]
        }
        return accepts[Int(state)] & Self.beforeOther != 0
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        0x30...0x39 ~= byte || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte || byte == 0x5F
    }
}

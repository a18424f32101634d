/// A deterministic automaton over bytes that starts where it is put and runs as far as it can.
///
/// State 0 is dead. What matches at a state depends on whether the next byte is of `\w`, for the sake of `\b`; the end of
/// the text counts as a byte that is not.
struct DFA: Hashable, Sendable {
    /// Byte → class of bytes that no state tells apart; 256 of them.
    var byteClasses: [UInt8]
    var classCount: Int
    /// `state * classCount + class` → state.
    var transitions: [Int]
    /// Where to start behind a byte that is not of `\w`, or at the beginning of the text.
    var startAfterOther: Int
    /// Where to start behind a byte of `\w`.
    var startAfterWord: Int
    /// State → the patterns that match there when a byte of `\w` follows, ascending.
    var matchesBeforeWord: [[Int]]
    /// State → the patterns that match there when any other byte follows, or none.
    var matchesBeforeOther: [[Int]]

    var stateCount: Int { matchesBeforeWord.count }

    func next(_ state: Int, _ byte: UInt8) -> Int {
        transitions[state * classCount + Int(byteClasses[Int(byte)])]
    }

    /// The end of the longest match of any pattern from `start` on, and the patterns: the reference that tests go by.
    func longestMatch(in text: [UInt8], from start: Int) -> (end: Int, patterns: [Int])? {
        var state = start > 0 && ByteSet.isWord(text[start - 1]) ? startAfterWord : startAfterOther
        var longest: (end: Int, patterns: [Int])?
        for position in start...text.count {
            let precedesWord = position < text.count && ByteSet.isWord(text[position])
            let matches = precedesWord ? matchesBeforeWord[state] : matchesBeforeOther[state]
            if !matches.isEmpty { longest = (position, matches) }
            guard position < text.count, state != 0 else { break }
            state = next(state, text[position])
        }
        return longest
    }
}

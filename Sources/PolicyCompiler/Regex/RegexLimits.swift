/// Bounds of what a pattern may ask for.
public enum RegexLimits {
    /// Characters of a pattern. The longest useful ones (lists of names) have some hundreds.
    public static let patternLength = 2_000
    /// Groups within one another. The parser recurses; this keeps it far from the end of any stack.
    public static let nesting = 50
    /// The greatest number in `{m,n}`: longer counted runs are better written as `+`.
    public static let repetition = 1_000
    /// States of the nondeterministic automaton, where counted repetitions are written out.
    public static let nfaStates = 20_000
    /// States of the deterministic automaton before it is minimized: bounds the compiler's time and memory.
    public static let dfaStates = 10_000
    /// How often a state of the nondeterministic automaton is looked at while the other is built. A state of that one is a set of these, so
    /// that a pattern may have few states and still keep the compiler busy for seconds: `.*` after `.*` between long words.
    public static let steps = 2_000_000
}

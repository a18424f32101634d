/// The binary form of detector tables: little-endian, every part behind the one before, no padding.
///
/// | part | content |
/// |---|---|
/// | header | magic u32, length of the whole u32, counts of detectors, patterns, accept sets, groups, signals u16 each |
/// | detectors | length of the name u16, the name |
/// | patterns | detector u16, validator u8, whether it needs context u8 |
/// | accept sets | count u16, patterns u16 each |
/// | signals | first byte u8, last byte u8 |
/// | groups | kind u8, signals u16, forbidden bytes before 32 × u8, class count u16, state count u16, first accepting state u16, start after other u16, start after word u16, byte classes 256 × u8, transitions state × class u16, accept sets of each accepting state: before a word byte u16, before any other u16 |
///
/// The accept sets of a group of context words hold detectors in place of patterns.
public enum DetectorTableLayout {
    /// `SDT1`.
    public static let magic: UInt32 = 0x3154_4453
    public static let headerBytes = 18
    public static let maxDetectors = DetectorSet.capacity
    /// A detector has some patterns; four on average is twice what the built-in ones have.
    public static let maxPatterns = 1_024
    public static let maxAcceptSets = 8_192
    /// A bit each in the tables of first bytes, of which the scan has one to itself.
    public static let maxGroups = 63
    /// A bit each of what the prefilter saw.
    public static let maxSignals = 16
    /// States of one group's automaton.
    public static let maxStates = 8_192
    /// Of the whole. Some hundred detectors are below one megabyte.
    public static let maxBytes = 16 << 20
    /// A byte that a group's signal asks for is at most this far behind the start of a match.
    public static let window = 256

    /// When a group of patterns is run.
    public enum GroupKind: UInt8, CaseIterable, BitwiseCopyable, Sendable {
        /// Everywhere.
        case immediate = 0
        /// Near context words, or in a column that is named by one.
        case contextual = 1
        /// The context words themselves.
        case contextWords = 2
    }
}

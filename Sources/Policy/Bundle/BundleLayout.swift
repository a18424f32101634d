/// The bundle's binary layout. All integers are little-endian; sections start at multiples of eight bytes.
///
///     0   magic            8 bytes, "STILEPOL"
///     8   layout version   u32
///     12  length           u32, of the whole block
///     16  digest           32 bytes, over everything from byte 48 on; SHA-256 as the compiler makes it
///     48  checksum         u64, over everything from byte 56 on
///     56  section count    u32
///     60  zero             u32
///     64  section table    section count × (offset u32, length u32), in the order of ``Section``
///     …   sections
///
/// | section | what it holds |
/// |---|---|
/// | strings | (offset u32, length u32) into the pool, a string an entry |
/// | pool | UTF-8, no terminators |
/// | settings | u32 stream: everything but rules, see `SettingsCoding` |
/// | rules | u32 stream: a rule after the other, see `RuleCoding` |
/// | ruleIndex | u32 a rule: where it starts in rules, in words |
/// | rows | u64 words: sets of rules, see `RowTable` |
/// | rowIndex | u32 a row: where it starts in rows, in words |
/// | dimensions | u32: counts, and the row of every verb, feature, classification and resource, see `DimensionTable` |
/// | patterns | encoded globs |
/// | groups … prompts | a `GlobTable` each |
/// | detectors | opaque here: the detectors' own tables |
package enum BundleLayout {
    static let magic: [UInt8] = Array("STILEPOL".utf8)
    static let version: UInt32 = 9

    static let digestOffset = 16
    static let digestLength = 32
    static let checksumOffset = 48
    static let checksummedFrom = 56
    static let sectionTableOffset = 64

    /// Far above what 65,536 rules need, and what a ConfigMap could hold (1 MiB) many times over; offsets fit a u32.
    static let maximumLength = 256 << 20
    /// Of the settings, and of any one rule. A whole ConfigMap has 1 MiB.
    static let maximumText = 16 << 20
    static let maximumRules = 65_536
    static let maximumClassifications = 4_096
    static let maximumResources = 4_096
    /// They are gone through one by one.
    static let maximumBudgets = 256

    enum Section: Int, CaseIterable {
        case strings, pool, settings, rules, ruleIndex, rows, rowIndex, dimensions, patterns
        case groups, subjects, actors, objects, columns, functions, vouchedFunctions, columnClasses
        case methods, hosts, paths, ports
        case tools, uris, prompts
        case detectors

        var name: String { "\(self)" }

        /// The size of what it is an array of, in bytes.
        var elementSize: Int {
            switch self {
            case .pool, .patterns, .detectors: 1
            case .strings, .rows: 8
            default: 4
            }
        }
    }

    static var headerLength: Int { sectionTableOffset + 8 * Section.allCases.count }
}

/// A table of globs, each with a number: a row of rules, or a classification.
///
///     shapes, slots, entries                u32 each; slots is zero or a power of two
///     each shape                            components, with bit 31 where others may follow, and as many ×
///                                           (kind, length << 8) as globs of the form may have, 8 or 25
///     each slot                             hash, first entry, number of entries; a slot with no entries is free
///     each entry                            offset and length in the patterns section, number
///
/// Slots are probed from `hash & (slots - 1)` on, up to the first that is free.
struct GlobTable: Sendable {
    static let headerWords = 3
    static let openShape: UInt32 = 1 << 31
    static let slotWords = 3
    static let entryWords = 3
    /// Each costs a look-up for every name. Four times what any set of real policies had.
    static let maximumShapes = 4_096

    private let slice: BlockSlice
    private let patterns: BlockSlice
    private let section: BundleLayout.Section
    private let form: GlobPattern.Form
    private let shapes: [GlobShape]
    private let slots: Int
    private let entries: Int
    private let slotStart: Int
    private let entryStart: Int

    init(_ slice: BlockSlice, patterns: BlockSlice, section: BundleLayout.Section) throws(BundleError) {
        self.slice = slice
        self.patterns = patterns
        self.section = section
        form = section.globForm
        let shapeWords = 1 + form.maximumComponents
        func fault(_ word: Int, _ reason: String) -> BundleError {
            BundleError(.corrupt, section: section.name, offset: slice.range.lowerBound + 4 * word, reason)
        }
        let words = slice.count / 4
        let shapeCount = Int(slice.u32(0))
        slots = Int(slice.u32(1))
        entries = Int(slice.u32(2))
        guard shapeCount <= GlobTable.maximumShapes, slots & (slots - 1) == 0, slots <= words, entries <= words else {
            throw fault(0, "has impossible counts")
        }
        slotStart = GlobTable.headerWords + shapeCount * shapeWords
        entryStart = slotStart + slots * GlobTable.slotWords
        guard words == entryStart + entries * GlobTable.entryWords else { throw fault(0, "has the wrong length") }
        var shapes: [GlobShape] = []
        for index in 0..<shapeCount {
            let start = GlobTable.headerWords + index * shapeWords
            let isOpen = slice.u32(start) & GlobTable.openShape != 0
            let count = Int(slice.u32(start) & ~GlobTable.openShape)
            guard count <= form.maximumComponents, form == .requestPath || !isOpen else {
                throw fault(start, "has a shape with too many parts")
            }
            var parts: [GlobShape.Part] = []
            for word in start + 1..<start + 1 + count {
                guard let part = GlobShape.Part(encoded: slice.u32(word)) else {
                    throw fault(word, "has an unknown shape")
                }
                parts.append(part)
            }
            shapes.append(GlobShape(parts: parts, isOpen: isOpen))
        }
        self.shapes = shapes
    }

    var isEmpty: Bool { entries == 0 }

    /// - Parameter limit: every number must be less.
    func validate(limit: Int) throws(BundleError) {
        for slot in 0..<slots {
            let start = slotStart + slot * GlobTable.slotWords
            let first = Int(slice.u32(start + 1))
            let count = Int(slice.u32(start + 2))
            guard first <= entries, count <= entries - first else {
                throw fault(start, "slot \(slot) names entries that do not exist")
            }
        }
        for entry in 0..<entries {
            let start = entryStart + entry * GlobTable.entryWords
            let offset = Int(slice.u32(start))
            let length = Int(slice.u32(start + 1))
            guard offset <= patterns.count, length <= patterns.count - offset,
                GlobPattern.isValid(patterns.slice(offset, length), as: form)
            else { throw fault(start, "entry \(entry) has no well-formed pattern") }
            guard Int(slice.u32(start + 2)) < limit else {
                throw fault(start + 2, "entry \(entry) leads to number \(slice.u32(start + 2)), which does not exist")
            }
        }
    }

    /// Calls `found` with the number of every glob that matches. A number may come more than once.
    func lookUp(_ path: NamePath, _ found: (UInt32) -> Void) {
        guard slots > 0, !path.components.isEmpty else { return }
        for (number, shape) in shapes.enumerated()
        where shape.takes(path.components.count) {
            guard let hash = GlobShape.hash(shape: number, parts: shape.parts, literal: { path.components[$0] }) else {
                continue
            }
            probe(hash, path, found)
        }
    }

    private func probe(_ hash: UInt32, _ path: NamePath, _ found: (UInt32) -> Void) {
        var slot = Int(hash) & (slots - 1)
        for _ in 0..<slots {
            let start = slotStart + slot * GlobTable.slotWords
            let count = Int(slice.u32(start + 2))
            if count == 0 { return }
            if slice.u32(start) == hash {
                let first = Int(slice.u32(start + 1))
                for entry in first..<first + count { compare(entry, path, found) }
                return
            }
            slot = (slot + 1) & (slots - 1)
        }
    }

    private func compare(_ entry: Int, _ path: NamePath, _ found: (UInt32) -> Void) {
        let start = entryStart + entry * GlobTable.entryWords
        let pattern = patterns.slice(Int(slice.u32(start)), Int(slice.u32(start + 1)))
        if GlobPattern.matches(pattern, path) { found(slice.u32(start + 2)) }
    }

    private func fault(_ word: Int, _ reason: String) -> BundleError {
        BundleError(.corrupt, section: section.name, offset: slice.range.lowerBound + 4 * word, reason)
    }
}

extension BundleLayout.Section {
    /// Of a table of globs: what they are matched with.
    var globForm: GlobPattern.Form { self == .paths ? .requestPath : .name }
}

extension GlobShape.Part {
    var encoded: UInt32 {
        switch self {
        case .whole: 0
        case .any: 1
        case .prefix(let length): 2 | UInt32(truncatingIfNeeded: length) << 8
        case .suffix(let length): 3 | UInt32(truncatingIfNeeded: length) << 8
        }
    }

    init?(encoded: UInt32) {
        let length = Int(encoded >> 8)
        guard length <= Glob.maximumLength else { return nil }
        switch encoded & 0xFF {
        case 0: self = .whole
        case 1: self = .any
        case 2: self = .prefix(length)
        case 3: self = .suffix(length)
        default: return nil
        }
    }
}

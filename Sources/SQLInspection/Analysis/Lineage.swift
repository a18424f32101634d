/// A column of one occurrence of a relation in a statement.
struct ColumnKey: Hashable, Comparable, Sendable {
    var instance: Int32
    var column: Int32

    init(_ instance: Int, _ column: Int) {
        self.instance = Int32(truncatingIfNeeded: instance)
        self.column = Int32(truncatingIfNeeded: column)
    }

    static func < (a: ColumnKey, b: ColumnKey) -> Bool {
        (a.instance, a.column) < (b.instance, b.column)
    }
}

/// Where the value of an expression comes from.
struct Lineage: Sendable {
    /// Ascending, no duplicates.
    private(set) var keys: [ColumnKey] = []
    /// Which constants of the statement, ascending, no duplicates; none where nobody asks (``Analyzer/tracksConstants``).
    private(set) var constants: [Int32] = []
    var isDerived = false
    var isUnknown = false
    /// It is made of constants and parameters alone: one value, whatever the rows.
    var isConstant = false
    /// One value of it may be made of those of any number of rows.
    var isGathered = false
    /// How long it may be at the most, as ``Extent`` counts.
    var extent: UInt32 = 0
    /// Most values have nothing to do with documents, and carry nothing of them about.
    private var box: Box?

    private final class Box: Sendable {
        let part: DocumentPart

        init(_ part: DocumentPart) { self.part = part }
    }

    /// What it has of the documents in its columns; `nil` where none holds any.
    var document: DocumentPart? {
        get { box?.part }
        set { box = newValue.map(Box.init) }
    }

    static let unknown = Lineage(isDerived: true, isUnknown: true, extent: Extent.literal)
    static let constant = Lineage(isConstant: true, extent: Extent.literal)

    init(isDerived: Bool = false, isUnknown: Bool = false, isConstant: Bool = false, extent: UInt32 = 0) {
        self.extent = extent
        self.isDerived = isDerived
        self.isUnknown = isUnknown
        self.isConstant = isConstant
    }

    init(key: ColumnKey) {
        keys = [key]
        extent = Extent.column
    }

    init(constant: Int, extent: UInt32) {
        self.extent = extent
        constants = [Int32(truncatingIfNeeded: constant)]
        isConstant = true
    }

    /// Takes in the sources of another value that this one is made of.
    mutating func merge(_ other: Lineage) {
        isDerived = isDerived || other.isDerived
        isUnknown = isUnknown || other.isUnknown
        isConstant = isConstant && other.isConstant
        isGathered = isGathered || other.isGathered
        extent = Extent.sum(extent, other.extent)
        insert(other.keys)
        if let part = other.document {
            var merged = document ?? part
            merged.merge(part)
            document = merged
        }
        Self.insert(other.constants, into: &constants)
    }

    /// Takes in the sources of a value that stands in this one's place in other rows.
    mutating func mergeAlternative(_ other: Lineage) {
        // It is no longer one column's alone.
        let longer = extent == 0 ? other.extent : other.extent == 0 ? extent : max(extent, other.extent, 2)
        merge(other)
        extent = longer
    }

    mutating func insert(_ others: [ColumnKey]) {
        Self.insert(others, into: &keys)
    }

    /// Merges two ascending lists with no duplicates.
    private static func insert<Element: Comparable>(_ others: [Element], into list: inout [Element]) {
        if others.isEmpty { return }
        if list.isEmpty {
            list = others
            return
        }
        if let last = list.last, let first = others.first, last < first {
            list += others
            return
        }
        var merged: [Element] = []
        merged.reserveCapacity(list.count + others.count)
        var i = 0
        var j = 0
        while i < list.count && j < others.count {
            if list[i] == others[j] {
                merged.append(list[i])
                i += 1
                j += 1
            } else if list[i] < others[j] {
                merged.append(list[i])
                i += 1
            } else {
                merged.append(others[j])
                j += 1
            }
        }
        merged += list[i...]
        merged += others[j...]
        list = merged
    }

    mutating func replaceKeys(_ newKeys: [ColumnKey]) {
        keys = []
        insert(newKeys.sorted())
        var unique: [ColumnKey] = []
        for key in keys where unique.last != key { unique.append(key) }
        keys = unique
    }

    /// The lineage of something computed from the value.
    var derived: Lineage {
        var result = self
        result.isDerived = true
        return result
    }

    /// The value is a column's own, unchanged.
    var isDirect: Bool { !isDerived && !isUnknown && !keys.isEmpty }
}

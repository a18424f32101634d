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
    var isDerived = false
    var isUnknown = false
    /// It is made of constants and parameters alone: one value, whatever the rows.
    var isConstant = false

    static let unknown = Lineage(isDerived: true, isUnknown: true)
    static let constant = Lineage(isConstant: true)

    init(isDerived: Bool = false, isUnknown: Bool = false, isConstant: Bool = false) {
        self.isDerived = isDerived
        self.isUnknown = isUnknown
        self.isConstant = isConstant
    }

    init(key: ColumnKey) {
        keys = [key]
    }

    /// Takes in the sources of another value that this one is made of.
    mutating func merge(_ other: Lineage) {
        isDerived = isDerived || other.isDerived
        isUnknown = isUnknown || other.isUnknown
        isConstant = isConstant && other.isConstant
        insert(other.keys)
    }

    mutating func insert(_ others: [ColumnKey]) {
        if others.isEmpty { return }
        if keys.isEmpty {
            keys = others
            return
        }
        if let last = keys.last, let first = others.first, last < first {
            keys += others
            return
        }
        var merged: [ColumnKey] = []
        merged.reserveCapacity(keys.count + others.count)
        var i = 0
        var j = 0
        while i < keys.count && j < others.count {
            if keys[i] == others[j] {
                merged.append(keys[i])
                i += 1
                j += 1
            } else if keys[i] < others[j] {
                merged.append(keys[i])
                i += 1
            } else {
                merged.append(others[j])
                j += 1
            }
        }
        merged += keys[i...]
        merged += others[j...]
        keys = merged
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

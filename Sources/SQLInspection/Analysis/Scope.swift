/// A column of a query's result, of a sub-query in FROM, of a view.
struct ResultColumn {
    var name: String
    var lineage: Lineage
    /// Indices of the literals in the expression that gives it, in the order in which the statement is read.
    var literals: Range<Int> = 0..<0
    /// It is this summary of a column, where it stands.
    var summary: Summary?
}

/// An aggregate of one column's values over rows of one table, each of which counts once.
struct Summary {
    enum Kind {
        /// How many there are.
        case count
        /// What they come to: sum, avg, count(DISTINCT …).
        case total
    }

    var kind: Kind
    var key: ColumnKey
}

/// What a query gives.
struct QueryResult {
    var columns: [ResultColumn] = []
    /// It has more columns than can be told.
    var isOpen = false
    /// The occurrences of relations whose rows it passes on one to one, so that a bound on its rows bounds theirs.
    var streams: [Int] = []
    /// A row of a relation may be any number of its rows.
    var repeatsRows = false
}

/// One item that FROM makes visible: a relation, a sub-query, a function, a join with an alias or merged columns.
final class Entry {
    enum Columns {
        case relation(instance: Int)
        case computed([ResultColumn])
    }

    let name: String
    /// The schema of a relation that goes by its own name.
    let schema: String?
    var columns: Columns
    /// Column aliases, which rename from the left.
    var renames: [String] = []
    /// It may have columns that are not known; they get ``openLineage``.
    var isOpen = false
    var openLineage = Lineage.unknown
    var streams: [Int] = []
    /// A row of a relation may be any number of its rows.
    var repeatsRows = false
    /// The relation, or the view, itself.
    var instance: Int?
    /// The entries that a join is made of.
    var parts: [Entry] = []
    /// Columns can be named without the entry's name. Not so under a join with merged columns.
    var isVisible = true
    /// Columns can be named with the entry's name. Not so for the merged columns of a join with no alias.
    var isNamed = true
    var hasSystemColumns = false
    /// A function's one column goes by the entry's name.
    var isScalar = false

    init(name: String, schema: String? = nil, columns: Columns) {
        self.name = name
        self.schema = schema
        self.columns = columns
    }
}

/// A common table expression.
final class CommonTable {
    enum State {
        case pending
        /// It is being read; the columns of the part that does not recurse, once they are known.
        case reading(placeholder: Int?)
        case done(QueryResult)
    }

    let name: String
    let node: ParseTree.ID
    let isRecursive: Bool
    var state = State.pending
    var references = 0
    /// The common tables in whose queries it is read, one entry a time; `nil` for the statement itself.
    var readers: [CommonTable?] = []
    /// The relations that its query reads, and what it says of them by itself.
    var instances: Range<Int> = 0..<0
    var bounded: Set<Int> = []
    var summarized: Set<Int> = []
    var edgeCount = 0

    init(name: String, node: ParseTree.ID, isRecursive: Bool) {
        self.name = name
        self.node = node
        self.isRecursive = isRecursive
    }
}

/// What one level of SELECT does with its rows.
final class Level {
    let parent: Level?
    /// count, sum and kin: one row that holds no row's values.
    var summarizes = false
    /// string_agg, array_agg and kin, or a function that may be one: many rows' values in one.
    var collects = false
    var hasWindowFunction = false
    /// A function in it may give many rows from one, which grouping by it gathers again.
    var multipliesRows = false
    var windows: [String: Lineage] = [:]

    init(parent: Level?) {
        self.parent = parent
    }
}

/// What names mean at one place of a statement.
final class Scope {
    let parent: Scope?
    let level: Level
    var entries: [Entry]
    var commonTables: [CommonTable] = []

    init(parent: Scope?, level: Level, entries: [Entry] = []) {
        self.parent = parent
        self.level = level
        self.entries = entries
    }

    /// A row of a relation in FROM may be any number of rows here.
    var repeatsRows: Bool { entries.count != 1 || entries[0].repeatsRows || level.multipliesRows }

    func commonTable(_ name: String) -> CommonTable? {
        var scope: Scope? = self
        while let current = scope {
            // The latest one of a name shadows those outside.
            if let table = current.commonTables.last(where: { $0.name == name }) { return table }
            scope = current.parent
        }
        return nil
    }
}

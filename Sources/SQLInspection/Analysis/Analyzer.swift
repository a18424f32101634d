/// Tells what one statement does. A class, since its parts call each other from many files and share one state; it
/// lives for one statement.
final class Analyzer {
    /// The statement's, or that of the view that is being read.
    var tree: ParseTree
    let catalog: CatalogSnapshot
    /// Of the statement's own constants; a view's are always the same.
    let constantLog = ConstantLog()
    /// In effect where names are resolved; empty but for pg_catalog in a view's definition.
    var path: [String]
    let limits: StatementInspector.Limits

    var instances: [Instance] = []
    /// `to` holds only rows that match rows of `from` in a column.
    var edges: [(from: Int, to: Int)] = []
    var functions: Set<String> = []
    var hazards: Hazards = []
    var unknownName: UnknownName?
    /// The last column that was named is none, and would be a function's that nobody knows.
    var callsField = false
    var literals: [LiteralUse] = []
    var flows: [Flow] = []
    var constants: [WrittenConstant.Source] = []
    var writes: [Write] = []
    /// The columns of COPY FROM, in the order of its data.
    var copied: [ColumnKey] = []
    /// The constants of EXECUTE's arguments.
    var arguments: [[WrittenConstant.Source]] = []
    /// How what is under keys of documents decides.
    var documentUses: [DocumentKey: RelationAccess.Use] = [:]
    /// What the columns of a view are made of.
    var viewColumns: [Int: [Lineage]] = [:]
    /// Some statement of the text writes: which constants it writes where is asked.
    let tracksConstants: Bool

    var collectsRows = false
    var shownValues = 0
    /// One number may be computed of many rows' values so that they can be told from it.
    var packsRows = false
    /// Those that were named already.
    var parameters: Set<Int> = []
    /// Something may be as long as the server lets a value be.
    var makesFiller = false
    /// Something is made of any number of values, and may be as long as they are together.
    var gathersValues = false
    /// What was computed from columns, by what succeeds, and is as long as their content says.
    var selections: [Lineage] = []
    /// Columns whose values were changed on the way, by what succeeds.
    var changed: Set<ColumnKey> = []
    /// The first of several values of a group is of the row that the group's own row stands for.
    var hasShownGroup = false
    /// Common tables in the order in which they are first read, and those that are being read, the innermost last.
    var commonTables: [CommonTable] = []
    var readingTables: [CommonTable] = []
    /// How many values each column of each relation was compared with by `=`.
    private var lookups: [UInt64: Int] = [:]

    private var attachments = 2_000_000

    struct LiteralUse {
        var location: Int
        var keys: [ColumnKey] = []
    }

    struct Flow {
        var target: ColumnKey
        var lineage: Lineage
    }

    /// Views that are being read, the innermost last.
    var views: [UInt32] = []
    private var depth = 0
    private var steps = 0
    /// Nested deeper than this, through views, is not judged. The tree's own depth is bounded when it is read.
    private let maxDepth: Int
    /// Views of views may multiply: so many nodes are looked at, then no more.
    private static let maxSteps = 1_000_000
    static let maxInstances = 20_000
    static let maxViewDepth = 32
    /// Rounds until the columns of a recursive common table must have found all their sources.
    static let maxRounds = 50

    /// The statement is `SELECT set_config(…)` alone, and its kind says so.
    var isSettingSelect = false

    /// The columns of a placeholder, once they are known.
    var placeholders: [Int: [Lineage]] = [:]
    /// What they have of documents, as the part that does not recurse gives it.
    var placeholderDocuments: [Int: [DocumentPart?]] = [:]

    init(
        tree: ParseTree, catalog: CatalogSnapshot, path: [String], limits: StatementInspector.Limits,
        tracksConstants: Bool
    ) {
        self.tree = tree
        self.tree.log = constantLog
        self.tracksConstants = tracksConstants
        self.catalog = catalog
        self.path = path
        self.limits = limits
        maxDepth = limits.maxDepth
    }

    /// Runs `body` one level deeper, or gives up on the statement.
    @inline(__always)
    func nested<Result>(_ fallback: @autoclosure () -> Result, _ body: () -> Result) -> Result {
        depth += 1
        steps += 1
        defer { depth -= 1 }
        guard depth <= maxDepth, steps <= Self.maxSteps, instances.count <= Self.maxInstances else {
            hazards.formUnion([.unjudged, .unknownLineage])
            return fallback()
        }
        return body()
    }

    // MARK: Marks

    func mark(_ lineage: Lineage, _ use: RelationAccess.Use) {
        for key in lineage.keys { mark(key, use) }
        if lineage.document != nil, use == .predicate || use == .lookup { noteDocument(lineage, use) }
    }

    func mark(_ key: ColumnKey, _ use: RelationAccess.Use) {
        // What a view decides by was decided by whoever made the view.
        if !views.isEmpty, use == .predicate || use == .lookup { return }
        let instance = Int(key.instance)
        let column = Int(key.column)
        guard instance < instances.count, column < instances[instance].uses.count else { return }
        instances[instance].uses[column].formUnion(use)
        if use == .write { return }
        for source in instances[instance].generatingColumns(key.column) where source != column {
            instances[instance].uses[source].formUnion(use)
        }
    }

    /// A column is compared by `=` with so many values that the client gives.
    func markLookup(_ lineage: Lineage, values: Int) {
        guard !lineage.keys.isEmpty, views.isEmpty else { return }
        var isFew = true
        for key in lineage.keys {
            let column = lookupKey(key)
            lookups[column, default: 0] += values
            // Values enough make a search of what was to be a question.
            isFew = isFew && lookups[column, default: 0] <= limits.lookups
            mark(key, lineage.isDirect && lookups[column, default: 0] <= limits.lookups ? .lookup : .predicate)
        }
        if let part = lineage.document {
            noteDocument(lineage, isFew && part.key != nil && !part.isUntold ? .lookup : .predicate)
        }
    }

    /// What is under keys of documents is compared with so many values that the statement gives.
    func noteContained(_ lineage: Lineage, values: Int) {
        var isFew = true
        for key in lineage.keys {
            let column = lookupKey(key)
            lookups[column, default: 0] += values
            isFew = isFew && lookups[column, default: 0] <= limits.lookups
        }
        noteDocument(lineage, isFew ? .lookup : .predicate)
    }

    private func lookupKey(_ key: ColumnKey) -> UInt64 {
        let instance = Int(key.instance)
        let relation = instances.indices.contains(instance) ? instances[instance].relation?.oid : nil
        return UInt64(relation ?? 0) << 32 | UInt64(truncatingIfNeeded: key.column) & 0xFFFF_FFFF
    }

    func bound(_ streams: [Int]) {
        for instance in streams { instances[instance].isBounded = true }
    }

    /// Reads an expression that stands for itself: its literals belong with all of its columns.
    func root(_ id: ParseTree.ID, _ scope: Scope) -> Lineage {
        let first = literals.count
        let lineage = expression(id, scope)
        attach(lineage.keys, to: first..<literals.count)
        return lineage
    }

    func attach(_ keys: [ColumnKey], to range: Range<Int>) {
        if keys.isEmpty || range.isEmpty { return }
        // A literal meets the columns of every expression around it; so many such meetings are noted, the innermost
        // first.
        guard range.count <= attachments else { return }
        attachments -= range.count
        for index in range where index < literals.count {
            var lineage = Lineage()
            lineage.insert(literals[index].keys)
            lineage.insert(keys)
            literals[index].keys = lineage.keys
        }
    }

    /// A predicate's expression: it decides which rows come, or in which order.
    @discardableResult
    func condition(_ id: ParseTree.ID, _ scope: Scope) -> Lineage {
        let lineage = root(id, scope)
        mark(lineage, .predicate)
        return lineage
    }

    func recordLiteral(at location: Int) {
        // A view's literals do not stand in the statement.
        if views.isEmpty && location >= 0 { literals.append(LiteralUse(location: location)) }
    }
}

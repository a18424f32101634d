/// A text that was parsed: what it says, before anything is known of the database that it is meant for.
public struct ParsedText: Sendable {
    public struct Statement: Hashable, Sendable {
        /// Where it stands in the text, in UTF-8 bytes, with no white space around it.
        public var textRange: Range<Int>
        /// pg_query's fingerprint.
        public var fingerprint: UInt64
    }

    /// In the text's order; none in a text of comments and white space alone.
    public let statements: [Statement]
    let tree: ParseTree
    let roots: [ParseTree.ID]
    let literals: [TokenScan.LiteralToken]
    let limits: StatementInspector.Limits
    /// Some statement of it puts values into columns.
    private let writes: Bool

    init(
        text: [UInt8], tree: ParseTree, literals: [TokenScan.LiteralToken], fingerprints: [UInt64],
        limits: StatementInspector.Limits
    ) {
        let nodes = Self.statementNodes(of: tree)
        self.tree = tree
        self.roots = nodes.compactMap { tree.field($0, .stmt) }
        self.literals = literals
        self.limits = limits
        self.writes = tree.nodes.contains { node in
            switch node.type {
            case .InsertStmt, .UpdateStmt, .MergeStmt, .ExecuteStmt: true
            default: false
            }
        }
        self.statements = zip(Self.ranges(of: tree, in: text), fingerprints).map(Statement.init)
    }

    /// Tells what each statement would do in a database.
    ///
    /// - Returns: One analysis a statement, in order; a text with no statement has one, of kind
    ///   ``StatementKind/empty``.
    public func analyze(catalog: CatalogSnapshot, scope: ResolutionScope) -> [StatementAnalysis] {
        if statements.isEmpty { return [StatementAnalysis(kind: .empty)] }
        return zip(statements, roots).map { statement, root in
            let analyzer = Analyzer(
                tree: tree, catalog: catalog, path: scope.effectivePath, limits: limits, tracksConstants: writes)
            return analyzer.analyze(root, statement: statement, tokens: literals)
        }
    }

    static func statementNodes(of tree: ParseTree) -> [ParseTree.ID] {
        guard !tree.nodes.isEmpty else { return [] }
        return tree.list(ParseTree.ID(index: 0), .stmts).filter { tree.field($0, .stmt) != nil }
    }

    static func ranges(of tree: ParseTree, in text: [UInt8]) -> [Range<Int>] {
        statementNodes(of: tree).map { node in
            var lower = min(max(tree.integer(node, .stmt_location) ?? 0, 0), text.count)
            let length = tree.integer(node, .stmt_len) ?? 0
            var upper = length > 0 && length <= text.count - lower ? lower + length : text.count
            while lower < upper, isSpace(text[lower]) { lower += 1 }
            while lower < upper, isSpace(text[upper - 1]) { upper -= 1 }
            return lower..<upper
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }
}

/// Where unqualified names are looked for.
public struct ResolutionScope: Hashable, Sendable {
    /// The effective schemas in order, as `current_schemas(true)` gives them: pg_catalog and pg_temp_N included.
    public var searchPath: [String]

    public init(searchPath: [String]) {
        self.searchPath = searchPath
    }

    /// pg_catalog is searched first, after temporary tables, where the path does not name it.
    var effectivePath: [String] {
        if searchPath.contains("pg_catalog") { return searchPath }
        let index = searchPath.first?.hasPrefix("pg_temp") == true ? 1 : 0
        var path = searchPath
        path.insert("pg_catalog", at: index)
        return path
    }
}

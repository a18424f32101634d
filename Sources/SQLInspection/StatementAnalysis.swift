/// What one SQL statement would do, told from its parse tree and the catalog. Protocol-neutral enough that another SQL
/// dialect's inspector can produce the same.
public struct StatementAnalysis: Hashable, Sendable {
    public var kind: StatementKind
    /// Every relation that it touches, however deep, one entry a relation and effect. Views stand for themselves *and*
    /// for the base relations under them.
    public var accesses: [RelationAccess]
    /// Functions that are not known to be harmless, `schema.name` or the bare name for pg_catalog's, sorted, no
    /// duplicates.
    public var functions: [String]
    public var hazards: Hazards
    /// The result's columns from left to right; `nil` when the statement returns no rows. Of PREPARE and DECLARE CURSOR,
    /// the columns of the query, which EXECUTE and FETCH return. A last one named `*` that is unknown stands for any
    /// number of columns that could not be told.
    public var outputs: [OutputColumn]?
    /// Byte ranges of literals in the statement text, ascending, with what each is compared with or assigned to.
    public var literals: [Literal]
    /// Values that the statement copies from columns into columns: INSERT, UPDATE, MERGE, CREATE TABLE AS and kin. A
    /// classified value that flows into a column without its classification would lose it.
    public var flows: [ColumnFlow]
    /// Which constants and parameters it puts into columns. Of COPY FROM, the columns in the order of its data, with no
    /// constants.
    public var writes: [ColumnWrite]
    /// Of EXECUTE, the constants in each argument.
    public var arguments: [[WrittenConstant.Source]]
    /// One value of the result may hold those of any number of rows: string_agg, array_agg, `ARRAY(SELECT …)` and kin, a
    /// recursive query that adds up what it reads; or rows come to lie where nobody knows them as a table's.
    public var collectsRows: Bool
    /// How many calls show the value of some row beside those of the row itself: min, max, lag, first_value and kin.
    public var shownValues: Int
    /// One number of the result may be computed of any number of rows' values so that each can be told from it:
    /// `sum(v * 1000 ^ id)`.
    public var packsRows: Bool
    /// Which keys of documents decide something by what is under them.
    public var documentUses: [DocumentUse]
    /// The first name in it that means nothing, if any does.
    public var unknownName: UnknownName?
    /// pg_query's fingerprint: equal for statements that differ in literals alone.
    public var fingerprint: UInt64
    /// Where the statement stands in the text that was parsed, in UTF-8 bytes.
    public var textRange: Range<Int>

    public init(
        kind: StatementKind, accesses: [RelationAccess] = [], functions: [String] = [], hazards: Hazards = [],
        outputs: [OutputColumn]? = nil, literals: [Literal] = [], flows: [ColumnFlow] = [],
        writes: [ColumnWrite] = [], arguments: [[WrittenConstant.Source]] = [], collectsRows: Bool = false,
        shownValues: Int = 0, packsRows: Bool = false, documentUses: [DocumentUse] = [],
        unknownName: UnknownName? = nil, fingerprint: UInt64 = 0, textRange: Range<Int> = 0..<0
    ) {
        self.kind = kind
        self.accesses = accesses
        self.functions = functions
        self.hazards = hazards
        self.outputs = outputs
        self.literals = literals
        self.flows = flows
        self.writes = writes
        self.arguments = arguments
        self.collectsRows = collectsRows
        self.shownValues = shownValues
        self.packsRows = packsRows
        self.documentUses = documentUses
        self.unknownName = unknownName
        self.fingerprint = fingerprint
        self.textRange = textRange
    }
}

/// A name that a statement gives and the catalog does not have.
public struct UnknownName: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case table
        case column
    }

    public var kind: Kind
    /// As the server reads it, qualified as it was written.
    public var name: String
    /// Where it stands in the text that was parsed, in UTF-8 bytes; -1 where that is not known.
    public var location: Int

    public init(kind: Kind, name: String, location: Int) {
        self.kind = kind
        self.name = name
        self.location = location
    }
}

/// What a session's state machine must know of a statement beyond its effects.
public enum StatementKind: Hashable, Sendable {
    case query
    case write
    case utility
    case begin
    case commit
    case rollback
    case savepoint
    /// SET, RESET; `value` is `nil` when it is no plain literal or is DEFAULT. RESET ALL has the name `all`. A list, as
    /// search_path takes it, is joined with commas, its members quoted where they must be. What else changes the
    /// session alone comes as this too, under the statement's name: `unlisten`, `set constraints`, `discard`.
    case set(name: String, value: String?, isLocal: Bool)
    case show(name: String)
    case prepare(name: String)
    case execute(name: String)
    /// `nil`: ALL.
    case deallocate(name: String?)
    /// DISCARD ALL: settings, prepared statements, cursors, LISTENs and temporary tables are gone.
    case discardAll
    case declareCursor(name: String)
    case fetch(cursor: String)
    case closeCursor(name: String?)
    case copyOut(CopyFormat)
    case copyIn(CopyFormat)
    /// - executes: The prepared statement whose plan is asked for, with EXPLAIN EXECUTE.
    case explain(analyze: Bool, executes: String?)
    case listen(channel: String)
    case notify(channel: String)
    case empty
}

public enum CopyFormat: Hashable, Sendable {
    case text(delimiter: UInt8, null: String, header: Bool)
    case csv(delimiter: UInt8, null: String, header: Bool, quote: UInt8, escape: UInt8)
    case binary
}

/// The effect of a statement on one relation.
public struct RelationAccess: Hashable, Sendable {
    public enum Effect: String, Hashable, Sendable, CaseIterable {
        case select, insert, update, delete, merge, truncate, create, alter, drop, grant, maintain, lock
    }

    public struct Use: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let output = Use(rawValue: 1 << 0)
        public static let predicate = Use(rawValue: 1 << 1)
        public static let write = Use(rawValue: 1 << 2)
        /// It is compared by `=` with one value that the client gives, or with a few; ``predicate`` is every other way of
        /// deciding by it.
        public static let lookup = Use(rawValue: 1 << 3)
    }

    public var effect: Effect
    public var schema: String
    public var name: String
    /// Column → use. `*` and whole rows are expanded; with an unknown relation, the names as they were written.
    public var columns: [String: Use]
    /// Not in the catalog.
    public var isUnknown: Bool
    /// pg_catalog and information_schema.
    public var isCatalog: Bool
    /// Nothing bounds how many of its rows are read or changed: no LIMIT (of a literal or a parameter) on the level that
    /// reads it or on one that passes its rows on, and no equality of one of its columns with a value, or with a
    /// column of a relation that is bounded. Rows that are only counted, summed up in one row, or looked for by EXISTS
    /// and IN are bounded; INSERT and definitions read none.
    public var isUnbounded: Bool
    /// Every column was asked for at once.
    public var isAllColumns: Bool
    /// How many of its rows may stand side by side in one row of the result: how often it occurs with a column that the
    /// result shows. 0 where it shows none.
    public var occurrences: Int
    /// The tables below whose rows are read or changed with its own: partitions, and what inherits from it. Of a relation that is
    /// only above one that the statement names, none.
    public var below: [BaseRelation] = []

    public init(
        effect: Effect, schema: String, name: String, columns: [String: Use] = [:], isUnknown: Bool = false,
        isCatalog: Bool = false, isUnbounded: Bool = false, isAllColumns: Bool = false, occurrences: Int = 0
    ) {
        self.effect = effect
        self.schema = schema
        self.name = name
        self.columns = columns
        self.isUnknown = isUnknown
        self.isCatalog = isCatalog
        self.isUnbounded = isUnbounded
        self.isAllColumns = isAllColumns
        self.occurrences = occurrences
    }
}

/// Things that are dangerous in themselves. Enforcement maps each to a guarded feature of policy's.
public struct Hazards: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    public static let serverFiles = Hazards(rawValue: 1 << 0)
    public static let secrets = Hazards(rawValue: 1 << 1)
    public static let statistics = Hazards(rawValue: 1 << 2)
    public static let otherSessions = Hazards(rawValue: 1 << 3)
    public static let roleChange = Hazards(rawValue: 1 << 4)
    public static let pinnedSetting = Hazards(rawValue: 1 << 5)
    public static let dynamicCode = Hazards(rawValue: 1 << 6)
    public static let largeObjects = Hazards(rawValue: 1 << 7)
    public static let foreignData = Hazards(rawValue: 1 << 8)
    public static let relabels = Hazards(rawValue: 1 << 9)
    public static let unknownLineage = Hazards(rawValue: 1 << 10)
    public static let unknownObject = Hazards(rawValue: 1 << 11)
    /// A statement that the inspector has no rule for.
    public static let unjudged = Hazards(rawValue: 1 << 12)
    /// CALL of a procedure that is not known to be harmless.
    public static let procedureCall = Hazards(rawValue: 1 << 13)
}

/// A relation, by name.
public struct BaseRelation: Hashable, Sendable {
    public var schema: String
    public var name: String

    public init(schema: String, name: String) {
        self.schema = schema
        self.name = name
    }
}

/// A column of a table, by name.
public struct BaseColumn: Hashable, Sendable {
    public var schema: String
    public var relation: String
    public var column: String

    public init(schema: String, relation: String, column: String) {
        self.schema = schema
        self.relation = relation
        self.column = column
    }
}

/// Where a result column's values come from.
public struct OutputColumn: Hashable, Sendable {
    public var name: String
    /// Base columns that the value is, or is computed from.
    public var sources: Set<BaseColumn>
    /// `true` when the value is not the source's own value, unchanged.
    public var isDerived: Bool
    /// The sources could not be told: whoever asks must assume the worst.
    public var isUnknown: Bool
    /// Where it is a sum or an average of one column's values, or of how many there are that differ: the result's column
    /// that counts, in the same row, the values that it was made of. They are of as many rows of one table.
    public var countedBy: Int?
    /// Where it was taken out of documents in its sources: under which keys.
    public var document: DocumentPart?

    public init(
        name: String, sources: Set<BaseColumn> = [], isDerived: Bool = false, isUnknown: Bool = false,
        countedBy: Int? = nil, document: DocumentPart? = nil
    ) {
        self.name = name
        self.sources = sources
        self.isDerived = isDerived
        self.isUnknown = isUnknown
        self.countedBy = countedBy
        self.document = document
    }
}

/// A write of values that come from columns.
public struct ColumnFlow: Hashable, Sendable {
    public var target: BaseColumn
    public var sources: Set<BaseColumn>
    public var isDerived: Bool
    /// The sources could not be told.
    public var isUnknown: Bool
    /// Where it was taken out of documents in its sources: under which keys.
    public var document: DocumentPart?

    public init(
        target: BaseColumn, sources: Set<BaseColumn>, isDerived: Bool = false, isUnknown: Bool = false,
        document: DocumentPart? = nil
    ) {
        self.target = target
        self.sources = sources
        self.isDerived = isDerived
        self.isUnknown = isUnknown
        self.document = document
    }
}

/// A column that gets values of the statement's own.
public struct ColumnWrite: Hashable, Sendable {
    /// The column as it goes by its table's name, by the names of the tables above it, and under a view by those below.
    public var targets: Set<BaseColumn>
    /// A row that is there is changed, rather than one added.
    public var changesRows: Bool
    public var constants: [WrittenConstant]

    public init(targets: Set<BaseColumn>, changesRows: Bool, constants: [WrittenConstant] = []) {
        self.targets = targets
        self.changesRows = changesRows
        self.constants = constants
    }
}

/// A constant or parameter that a column's new value is, or is made of.
public struct WrittenConstant: Hashable, Sendable {
    public enum Source: Hashable, Sendable {
        /// The text that the type's input function gets.
        case literal([UInt8])
        /// Its number, from 1.
        case parameter(Int)
    }

    public var source: Source
    /// The value is the constant alone, or one of several that it may be.
    public var isWhole: Bool

    public init(_ source: Source, isWhole: Bool) {
        self.source = source
        self.isWhole = isWhole
    }
}

/// A constant in a statement.
public struct Literal: Hashable, Sendable {
    /// UTF-8 byte range in the whole text that was parsed, quotes included.
    public var range: Range<Int>
    /// Columns that it is compared with or assigned to, as far as can be told.
    public var columns: Set<BaseColumn>
    public var isString: Bool
    /// The analysis did not look at its value: any other of its kind (string, or integer of at most nine digits) in its
    /// place would have given the same.
    public var isUnread: Bool

    public init(range: Range<Int>, columns: Set<BaseColumn> = [], isString: Bool, isUnread: Bool = false) {
        self.range = range
        self.columns = columns
        self.isString = isString
        self.isUnread = isUnread
    }
}

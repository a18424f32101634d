/// The schema of one database at one moment, as statements are resolved against it. Immutable; a refresh makes another.
///
/// Relations of pg_catalog and information_schema belong in it as well: without their columns, `SELECT *` of one has
/// unknown lineage. Their definitions are not read.
public struct CatalogSnapshot: Sendable {
    public struct Column: Hashable, Sendable {
        /// attnum, from 1; dropped columns leave gaps.
        public var number: Int16
        public var name: String
        public var typeOID: UInt32
        /// The numbers of the columns that it is computed from; empty for one that is stored as it was given.
        public var generatedFrom: [Int16]
        /// Its values are documents, with values under keys: json, jsonb, hstore, what is made of them, and their arrays.
        public var holdsDocuments: Bool

        var documentForm: DocumentPart.Form {
            switch typeOID {
            case 114, 3802: .json
            case 199, 3807: .array
            default: .pairs
            }
        }

        /// - Parameter holdsDocuments: Of types whose OIDs are no server's own; json and jsonb are known.
        public init(
            number: Int16, name: String, typeOID: UInt32, generatedFrom: [Int16] = [], holdsDocuments: Bool = false
        ) {
            self.number = number
            self.name = name
            self.typeOID = typeOID
            self.generatedFrom = generatedFrom
            // src/include/catalog/pg_type.dat
            switch typeOID {
            case 114, 199, 3802, 3807: self.holdsDocuments = true
            default: self.holdsDocuments = holdsDocuments
            }
        }
    }

    public enum RelationKind: UInt8, Hashable, Sendable {
        case table, partitionedTable, view, materializedView, foreignTable, sequence, composite, index, toast
    }

    public struct Relation: Hashable, Sendable {
        public var oid: UInt32
        public var schema: String
        public var name: String
        public var kind: RelationKind
        public var columns: [Column]
        /// pg_get_viewdef of a view or materialised view, asked with an empty search_path, so that every name outside
        /// pg_catalog in it is qualified.
        public var definition: String?
        /// Oids of the tables that it inherits from or is a partition of.
        public var parents: [UInt32]

        public init(
            oid: UInt32, schema: String, name: String, kind: RelationKind, columns: [Column],
            definition: String? = nil, parents: [UInt32] = []
        ) {
            self.oid = oid
            self.schema = schema
            self.name = name
            self.kind = kind
            self.columns = columns
            self.definition = definition
            self.parents = parents
        }
    }

    /// A function outside pg_catalog (those inside are the product's own list).
    public struct Function: Hashable, Sendable {
        public var schema: String
        public var name: String

        public init(schema: String, name: String) {
            self.schema = schema
            self.name = name
        }
    }

    /// A cast that code of a database's own stands behind.
    public struct Cast: Hashable, Sendable {
        /// The type that is cast; a table's rows have its name.
        public var source: String
        /// Its OID, and that of its arrays.
        public var sourceOIDs: [UInt32]
        public var function: Function

        public init(source: String, sourceOIDs: [UInt32], function: Function) {
            self.source = source
            self.sourceOIDs = sourceOIDs
            self.function = function
        }
    }

    public let relations: [Relation]
    public let functions: Set<Function>
    /// Operators outside pg_catalog that code of a database's own stands behind, by schema and name. Those of extensions
    /// are in C, and only a superuser makes such.
    public let operators: Set<Function>
    /// The same of casts, by the name of the type that is cast to.
    public let casts: [String: [Cast]]
    private let byName: [String: [String: Int]]
    private let byOID: [UInt32: Int]
    /// Table → those that inherit from it or are its partitions.
    private let children: [UInt32: [UInt32]]
    let definitions = ViewDefinitions()

    public init(
        relations: [Relation], functions: Set<Function> = [], operators: Set<Function> = [],
        casts: [String: [Cast]] = [:]
    ) {
        self.relations = relations
        self.functions = functions
        self.operators = operators
        self.casts = casts
        var byName: [String: [String: Int]] = [:]
        var byOID: [UInt32: Int] = [:]
        for (index, relation) in relations.enumerated() {
            byOID[relation.oid] = index
            let isAmbiguous = byName[relation.schema]?[relation.name] != nil || Self.hasLookAlikes(relation.columns)
            byName[relation.schema, default: [:]][relation.name] = isAmbiguous ? Self.ambiguous : index
        }
        self.byName = byName
        self.byOID = byOID
        var children: [UInt32: [UInt32]] = [:]
        for relation in relations {
            for parent in relation.parents { children[parent, default: []].append(relation.oid) }
        }
        self.children = children
    }

    /// In place of an index: names that Swift takes for equal and the server does not.
    private static let ambiguous = -1

    /// Whether two columns differ for the server alone, which compares bytes and not canonical equivalence.
    private static func hasLookAlikes(_ columns: [Column]) -> Bool {
        guard columns.contains(where: { $0.name.utf8.contains { $0 >= 0x80 } }) else { return false }
        return Set(columns.map(\.name)).count != columns.count
    }

    /// The relation of exactly this name, byte for byte; one that another could be taken for is not found.
    public func relation(schema: String, name: String) -> Relation? {
        guard let index = byName[schema]?[name], index != Self.ambiguous else { return nil }
        let relation = relations[index]
        guard relation.name.utf8.elementsEqual(name.utf8), relation.schema.utf8.elementsEqual(schema.utf8) else {
            return nil
        }
        return relation
    }

    public func relation(oid: UInt32) -> Relation? {
        byOID[oid].map { relations[$0] }
    }

    /// The tables that inherit from a relation or are partitions of it, at any distance: whoever reads it reads their rows.
    public func descendants(of relation: Relation) -> [Relation] {
        guard children[relation.oid] != nil else { return [] }
        return reach(from: relation) { children[$0.oid] ?? [] }
    }

    /// The tables that a relation inherits from or is a partition of, at any distance.
    public func ancestors(of relation: Relation) -> [Relation] {
        if relation.parents.isEmpty { return [] }
        return reach(from: relation, \.parents)
    }

    private func reach(from relation: Relation, _ next: (Relation) -> [UInt32]) -> [Relation] {
        var found: [Relation] = []
        var seen: Set<UInt32> = [relation.oid]
        var waiting = next(relation)
        while let oid = waiting.popLast() {
            guard seen.insert(oid).inserted, let other = self.relation(oid: oid) else { continue }
            found.append(other)
            waiting += next(other)
        }
        return found
    }
}

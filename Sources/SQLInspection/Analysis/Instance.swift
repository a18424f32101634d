/// One occurrence of a relation in a statement, with what happens to it there.
struct Instance {
    var effect: RelationAccess.Effect
    var schema: String
    var name: String
    var relation: CatalogSnapshot.Relation?
    /// The columns that were named of a relation whose columns are not known.
    var otherColumns: [String] = []
    var uses: [RelationAccess.Use]
    var isUnknown = false
    var isCatalog = false
    var isAllColumns = false
    /// Stands for a recursive common table's own rows while it is read.
    var isPlaceholder = false
    /// Of pg_settings: its rows are those of settings that are named, and none of them is a secret.
    var namesSettings = false

    /// A constant picks its rows, or a LIMIT bounds them.
    var isBounded = false
    /// Its rows are only counted, or looked for.
    var isSummarized = false
    /// For effects that read no rows: nothing to bound.
    var readsNoRows = false
    /// It is bounded when all of these are: a view's relations, the source of rows that are returned.
    var dependsOn: [Int]?
    /// In a common table that several places read: what one of them says of its rows bounds nothing.
    var sharedSince: Shared?

    struct Shared {
        var wasBounded: Bool
        var wasSummarized: Bool
        var edgeCount: Int
    }

    init(effect: RelationAccess.Effect, schema: String, name: String, relation: CatalogSnapshot.Relation?) {
        self.effect = effect
        self.schema = schema
        self.name = name
        self.relation = relation
        uses = Array(repeating: [], count: relation?.columns.count ?? 0)
    }

    func columnName(_ index: Int32) -> String {
        let index = Int(index)
        let known = relation?.columns.count ?? 0
        if index < known { return relation?.columns[index].name ?? "" }
        return index - known < otherColumns.count ? otherColumns[index - known] : ""
    }

    /// The indices of the columns that one is generated from.
    func generatingColumns(_ index: Int32) -> [Int] {
        guard let columns = relation?.columns, columns.indices.contains(Int(index)) else { return [] }
        let numbers = columns[Int(index)].generatedFrom
        if numbers.isEmpty { return [] }
        return columns.indices.filter { numbers.contains(columns[$0].number) }
    }

    /// The column's index, which a relation of unknown columns gets when it is first named.
    mutating func column(named name: String, adding: Bool) -> Int? {
        if let index = relation?.columns.firstIndex(where: { $0.name == name }) { return index }
        let known = relation?.columns.count ?? 0
        if let index = otherColumns.firstIndex(of: name) { return known + index }
        guard adding else { return nil }
        otherColumns.append(name)
        uses.append([])
        return known + otherColumns.count - 1
    }
}

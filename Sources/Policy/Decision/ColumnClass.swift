/// What a base column is classified as.
public struct ColumnClass: Hashable, Sendable {
    /// Every classification that it has, by name, sorted.
    public var classifications: [String]
    /// The strictest of their masks.
    public var mask: Mask
    /// The classification that the mask is of; the first by name when several have it.
    public var maskedBy: String
    /// Sums and averages of so many rows pass; `nil`: none does.
    public var aggregatedRows: UInt32?

    public init(classifications: [String], mask: Mask, maskedBy: String, aggregatedRows: UInt32? = nil) {
        self.classifications = classifications
        self.mask = mask
        self.maskedBy = maskedBy
        self.aggregatedRows = aggregatedRows
    }
}

/// A detector that a resource's values are scanned with, and what is done with what it finds.
public struct DetectorUse: Hashable, Sendable {
    public var detector: String
    public var classification: String
    public var mask: Mask

    public init(detector: String, classification: String, mask: Mask) {
        self.detector = detector
        self.classification = classification
        self.mask = mask
    }
}

extension PolicyBundle {
    /// - Parameter path: the base column's, from the outermost name in (`[schema, relation, column]`), as the server
    ///   spells it.
    /// - Returns: `nil` when the column is not classified, or there is no such resource.
    public func columnClass(resource: String, column path: [String]) -> ColumnClass? {
        guard let resource = resourceNumbers[Array(resource.utf8)] else { return nil }
        let found = classifications(of: NamePath(path), resource: resource).sorted().map {
            settings.classifications[$0]
        }
        guard var strictest = found.first else { return nil }
        for classification in found.dropFirst() where strictest.mask.strictness < classification.mask.strictness {
            strictest = classification
        }
        return ColumnClass(
            classifications: found.map(\.name), mask: strictest.mask, maskedBy: strictest.name,
            aggregatedRows: found.contains { $0.aggregatedRows == nil } ? nil : found.compactMap(\.aggregatedRows).max()
        )
    }

    /// Whether the resource can have columns that are classified by name. `true` for a resource that is not in the policy.
    public func hasClassifiedColumns(resource: String) -> Bool {
        guard let number = resourceNumbers[Array(resource.utf8)] else { return true }
        return zip(settings.classifications, classificationsByResource[number]).contains { !$0.columns.isEmpty && $1 }
    }

    /// The detectors that a resource's values are scanned with, sorted by detector and then by classification. A
    /// detector that several classifications name comes once for each; the strictest mask counts.
    public func detectorNames(resource: String) -> [DetectorUse] {
        guard let number = resourceNumbers[Array(resource.utf8)] else { return [] }
        return zip(settings.classifications, classificationsByResource[number])
            .filter(\.1)
            .flatMap { classification, _ in
                classification.detectors.map {
                    DetectorUse(detector: $0, classification: classification.name, mask: classification.mask)
                }
            }
            .sorted { [$0.detector, $0.classification].isBefore([$1.detector, $1.classification]) }
    }

    /// What becomes of what is found in a request and is of the classifications: the strictest of their answers. Of one that is
    /// not in the policy `deny`.
    public func outbound(of classifications: some Sequence<String>) -> Outbound {
        classifications.map { name in
            settings.classifications.first { $0.name.utf8.elementsEqual(name.utf8) }?.outbound ?? .deny
        }.max() ?? .deny
    }

    /// The keys under which JSON in a resource's values holds what is classified.
    ///
    /// - Parameter isIncluded: Which classifications count.
    public func jsonKeys(resource: String, of isIncluded: (String) -> Bool = { _ in true }) -> JSONKeyTable {
        guard let number = resourceNumbers[Array(resource.utf8)] else { return JSONKeyTable([]) }
        return JSONKeyTable(
            zip(settings.classifications, classificationsByResource[number]).filter(\.1).filter {
                isIncluded($0.0.name)
            }
            .flatMap { classification, _ in
                classification.jsonKeys.map {
                    JSONKeyTable.Use(key: $0, classification: classification.name, mask: classification.mask)
                }
            })
    }

    /// The classifications of a column of an access: its own, and those that it has in the objects below, with the object.
    func classifications(
        of column: String, in access: Access, resource: Int
    ) -> [(object: ObjectPath, classification: Int)] {
        var found: [(ObjectPath, Int)] = []
        for object in [access.object] + access.below {
            for number in classifications(of: NamePath(object.components).appending(column), resource: resource)
            where !found.contains(where: { $0.1 == number }) {
                found.append((object, number))
            }
        }
        return found
    }

    /// Numbers of the classifications of a column, each once.
    func classifications(of column: NamePath, resource: Int) -> Set<Int> {
        let holds = classificationsByResource[resource]
        var found: Set<Int> = []
        globs.columnClasses.lookUp(column) { number in
            if holds[Int(number)] { found.insert(Int(number)) }
        }
        return found
    }
}

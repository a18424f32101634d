import Policy
import PostgresWire
import SQLInspection

/// What is done with a column of a result.
enum ColumnTreatment {
    case pass
    /// Detectors look at every value.
    case scan
    case mask(Mask, classification: String)
}

/// What is done with the rows of a result, column by column, and the count of what was done.
struct ResultPlan {
    struct Column {
        var name: [UInt8]
        var typeOID: UInt32
        var kind: ValueKind
        var format: FormatCode
        var treatment: ColumnTreatment
        /// It is what stood under a key of documents: no part of a document is shown, whatever part the mask keeps.
        var isUnderKey = false
    }

    struct DetectorCount: Hashable {
        var column: Int
        var detector: String
        var classification: String
        var mask: String

        init(column: Int, detector: String, classification: String, mask: String) {
            self.column = column
            self.detector = detector
            self.classification = classification
            self.mask = mask
        }

        init(column: Int, _ finding: ScanFinding) {
            self.init(
                column: column, detector: finding.detector, classification: finding.classification,
                mask: finding.mask.name)
        }
    }

    let columns: [Column]
    private(set) var works: ColumnWorks
    /// Sums and averages that pass in rows where they are of enough rows.
    private(set) var totals: [CountedTotal] = []
    /// What is done in such rows, and in others.
    private var totalWorks: (shown: ColumnWorks, hidden: ColumnWorks)?
    /// With the scanner that the works were made for: a policy that comes meanwhile has detectors of other numbers.
    let masker: ValueMasker
    /// Values masked because of the column, by column.
    var masked: [UInt64]
    /// What single detectors found, by column and the detector's number.
    private var findings: [UInt64]
    /// What several found in one place.
    private var overlaps: [DetectorCount: UInt64] = [:]
    /// What the scans of these rows work in.
    var workspace = DetectorFindings()
    /// Masks within values; `nil` where no column is scanned.
    var structured: StructuredMasking?
    /// The last value that was masked within, as on the wire.
    var rewritten: [UInt8] = []
    /// Whether ``shown`` is kept.
    private(set) var keepsShown = false
    /// What was found since it was last emptied and masked so that something of it shows.
    var shown: [ShownFinding] = []

    init(columns: [Column], masker: ValueMasker) {
        self.columns = columns
        self.masker = masker
        works = ColumnWorks(columns, scanner: masker.scanner)
        if !works.selections.isEmpty { structured = masker.scanner?.structuredMasking(key: masker.key) }
        masked = Array(repeating: 0, count: columns.count)
        findings = Array(repeating: 0, count: columns.count * (masker.scanner?.uses.count ?? 0))
    }

    /// Lets totals pass in rows where they are of enough rows.
    mutating func count(_ totals: [CountedTotal]) {
        guard !totals.isEmpty else { return }
        var columns = columns
        for total in totals where columns.indices.contains(total.column) { columns[total.column].treatment = .pass }
        self.totals = totals
        totalWorks = (shown: ColumnWorks(columns, scanner: masker.scanner), hidden: works)
    }

    /// Says of the next row whether its totals are of enough rows.
    mutating func showTotals(_ areShown: Bool) {
        guard let totalWorks else { return }
        works = areShown ? totalWorks.shown : totalWorks.hidden
    }

    /// Has what is found and shown in part be kept in ``shown``.
    mutating func keepShown() {
        keepsShown = true
        structured?.keepsShown = true
    }

    /// What is counted of masks, as it is.
    var counts: Counts { Counts(masked: masked, findings: findings, overlaps: overlaps) }

    /// Takes back what was counted since.
    mutating func restore(_ counts: Counts) {
        masked = counts.masked
        findings = counts.findings
        overlaps = counts.overlaps
    }

    struct Counts {
        fileprivate var masked: [UInt64]
        fileprivate var findings: [UInt64]
        fileprivate var overlaps: [DetectorCount: UInt64]
    }

    /// Nothing in any row needs a look.
    var passesRows: Bool { works.passesRows && totals.isEmpty }

    /// The rows that were counted are recorded.
    mutating func forgetCounts() {
        for index in masked.indices { masked[index] = 0 }
        for index in findings.indices { findings[index] = 0 }
        if !overlaps.isEmpty { overlaps = [:] }
    }

    /// Detectors look at values.
    var scansRows: Bool {
        works.works.contains { $0 == .scanText || $0 == .scanTyped || $0 == .scanBinary }
    }

    /// Gives back the memory of a long value.
    mutating func releaseMemory() {
        rewritten = []
        workspace = DetectorFindings()
        structured?.releaseMemory()
    }

    /// Counts what the last scan found in a value of the column.
    mutating func countFindings(column: Int) { countFindings(workspace.findings, column: column) }

    /// Counts what was found in a value of the column.
    mutating func countFindings(_ found: [Finding], column: Int) {
        guard let scanner = masker.scanner else { return }
        for finding in found {
            if finding.detectors.count == 1 {
                findings[column * scanner.uses.count + finding.detector] += 1
            } else if let found = scanner.resolve(finding) {
                overlaps[DetectorCount(column: column, found), default: 0] += 1
            }
        }
    }

    /// Counts a value that was masked for its key.
    mutating func countKey(_ use: JSONKeyTable.Use, column: Int) {
        let key = DetectorCount(
            column: column, detector: "jsonKeys", classification: use.classification, mask: use.mask.name)
        overlaps[key, default: 0] += 1
    }

    /// What detectors found, by what it was.
    var found: [DetectorCount: UInt64] {
        var found = overlaps
        guard let scanner = masker.scanner else { return found }
        for (index, count) in findings.enumerated() where count > 0 {
            let (column, detector) = index.quotientAndRemainder(dividingBy: scanner.uses.count)
            guard let use = scanner.uses[detector] else { continue }
            let key = DetectorCount(
                column: column, detector: use.detector, classification: use.classification, mask: use.mask.name)
            found[key, default: 0] += count
        }
        return found
    }
}

/// Decides what is done with the columns of a result.
struct ResultPlanner {
    let policy: any SessionPolicy
    let catalog: CatalogSnapshot
    /// A value whose origin cannot be told is redacted. `false` where policy vouches for such values, or where there is
    /// nothing classified that it could come from: it is scanned then.
    let assumesWorst: Bool
    /// So is one that the server says comes from a table that the catalog does not have, where policy does not vouch.
    let redactsUnknownTables: Bool
    /// The base columns under a view's column; `nil` when they cannot be told.
    let viewSources: (CatalogSnapshot.Relation, String) -> Set<BaseColumn>?

    /// Plans a result that the server has described.
    func plan(_ fields: [FieldDescription], outputs: [OutputColumn]?, formats: [FormatCode]?) -> ResultPlan {
        let lineage = ResultPlanner.lineage(outputs, count: fields.count)
        var plan = ResultPlan(
            columns: fields.enumerated().map { index, field in
                ResultPlan.Column(
                    name: field.name, typeOID: field.typeOID, kind: PostgresTypes.kind(of: field.typeOID),
                    format: formats.map { ResultPlanner.format($0, index) } ?? field.format,
                    treatment: treatment(
                        reported: origin(of: field), lineage: lineage?[index], typeOID: field.typeOID),
                    isUnderKey: lineage?[index].document?.key != nil)
            }, masker: ValueMasker(scanner: policy.scanner, key: policy.maskKey))
        plan.count(totals(lineage))
        return plan
    }

    /// Plans a COPY's rows, which the server does not describe: their types are those of the columns that they are.
    func planCopy(columnCount: Int, outputs: [OutputColumn]?, format: FormatCode) -> ResultPlan {
        let lineage = ResultPlanner.lineage(outputs, count: columnCount)
        var plan = ResultPlan(
            columns: (0..<columnCount).map { index in
                let output = lineage?[index]
                let typeOID = output.flatMap(typeOID(of:)) ?? 0
                return ResultPlan.Column(
                    name: Array((output?.name ?? "").utf8), typeOID: typeOID,
                    // In binary nothing but NULL is a value of a type that is not known.
                    kind: typeOID == 0 && format == .text ? .text : PostgresTypes.kind(of: typeOID), format: format,
                    treatment: treatment(reported: .none, lineage: output, typeOID: typeOID),
                    isUnderKey: output?.document?.key != nil)
            }, masker: ValueMasker(scanner: policy.scanner, key: policy.maskKey))
        plan.count(totals(lineage))
        return plan
    }

    /// One entry a column; `nil` when the parse tree tells of another number of columns than there are. A last `*` of the
    /// tree's stands for any number of columns that it could not tell.
    private static func lineage(_ outputs: [OutputColumn]?, count: Int) -> [OutputColumn]? {
        guard let outputs else { return nil }
        if let last = outputs.last, last.isUnknown, last.name == "*", count >= outputs.count - 1 {
            let rest = OutputColumn(name: "", isDerived: true, isUnknown: true)
            return outputs.dropLast() + Array(repeating: rest, count: count - outputs.count + 1)
        }
        return outputs.count == count ? outputs : nil
    }

    private static func format(_ formats: [FormatCode], _ index: Int) -> FormatCode {
        switch formats.count {
        case 0: .text
        case 1: formats[0]
        default: index < formats.count ? formats[index] : .text
        }
    }

    /// FirstNormalObjectId (src/include/access/transam.h): what is below came with the server, and is judged by name.
    private static let firstUserOID: UInt32 = 16_384

    /// What the server says a column is.
    private enum Origin {
        /// No column of a table.
        case none
        case columns([BaseColumn])
        case unknown
    }

    private func origin(of field: FieldDescription) -> Origin {
        guard field.tableOID != 0 else { return .none }
        guard let relation = catalog.relation(oid: field.tableOID) else {
            return field.tableOID < ResultPlanner.firstUserOID ? .none : .unknown
        }
        // System columns (ctid, tableoid, …) have negative numbers and hold nothing of a row's content.
        if field.attributeNumber < 0 { return .none }
        guard let column = relation.columns.first(where: { $0.number == field.attributeNumber }) else {
            return .unknown
        }
        var columns = [BaseColumn(schema: relation.schema, relation: relation.name, column: column.name)]
        if relation.kind == .view || relation.kind == .materializedView {
            guard let sources = viewSources(relation, column.name) else { return .unknown }
            columns += sources
        }
        // A partition's column is its parent's, and a parent's rows are its partitions'.
        columns += (catalog.ancestors(of: relation) + catalog.descendants(of: relation)).map {
            BaseColumn(schema: $0.schema, relation: $0.name, column: column.name)
        }
        return .columns(columns)
    }

    private func typeOID(of output: OutputColumn) -> UInt32? {
        guard !output.isDerived, !output.isUnknown else { return nil }
        // A set operation may make one type of several.
        let types = Set(
            output.sources.map { source in
                catalog.relation(schema: source.schema, name: source.relation)?
                    .columns.first { $0.name.utf8.elementsEqual(source.column.utf8) }?.typeOID
            })
        return types.count == 1 ? types.first ?? nil : nil
    }

    /// What becomes of a value that was taken out of documents.
    private func addMasks(of part: DocumentPart, _ add: (Mask, String) -> Void) {
        guard let keys = policy.scanner?.keys, !keys.isEmpty else { return }
        for key in part.keys {
            guard let use = keys.use(of: key) else { continue }
            // A part of what is under the key is hidden with the whole, and what is computed from it.
            add(part.key == key ? use.mask : .redact, use.classification)
        }
        guard part.isUntold else { return }
        let classifications = Set(keys.uses.map(\.classification))
        add(.redact, classifications.count == 1 ? classifications.first ?? "" : "")
    }

    /// The strictest of what the server reports and what the parse tree tells.
    private func treatment(reported: Origin, lineage: OutputColumn?, typeOID: UInt32) -> ColumnTreatment {
        var strictest: (mask: Mask, classification: String)?
        func add(_ mask: Mask, _ classification: String) {
            if let known = strictest, known.mask.strictness >= mask.strictness { return }
            strictest = (mask, classification)
        }
        var isKnown = false
        switch reported {
        case .none: break
        case .unknown: if redactsUnknownTables { add(.redact, "") }
        case .columns(let columns):
            isKnown = true
            for column in columns {
                if let found = policy.classification(of: column) { add(found.mask, found.maskedBy) }
            }
        }
        if let lineage {
            for column in lineage.sources {
                guard let found = policy.classification(of: column) else { continue }
                // What is computed from a sensitive value is sensitive, and no mask but the whole fits it.
                add(lineage.isDerived ? .redact : found.mask, found.maskedBy)
            }
            if let part = lineage.document { addMasks(of: part, add) }
            if lineage.isUnknown, !isKnown, assumesWorst { add(.redact, "") }
        } else if !isKnown, assumesWorst {
            add(.redact, "")
        }
        if let strictest { return .mask(strictest.mask, classification: strictest.classification) }
        if policy.scanner == nil { return .pass }
        let isConverted = lineage.map { $0.isUnknown || $0.isDerived && !$0.sources.isEmpty } ?? !isKnown
        return PostgresTypes.isScanned(typeOID) || isConverted && PostgresTypes.isWideNumber(typeOID) ? .scan : .pass
    }
}

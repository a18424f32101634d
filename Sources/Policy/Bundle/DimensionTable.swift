/// What a rule may leave open. The row of such a dimension holds the rules that do.
enum OpenDimension: Int, CaseIterable {
    case resource, group, subject, actor, classification, object, column, function
    case method, host, path, port
    /// Methods, hosts, ports and paths alike: what is no request is held against one row in place of four.
    case request
    case tool, uri, prompt
    /// Tools, resources, prompts and arguments alike.
    case call
    /// All that is said of requests and of calls: what is neither is held against one row.
    case plain
}

/// The dimensions section: counts, and the numbers of the rows that are found by number rather than by name.
struct DimensionTable: Sendable {
    let slice: BlockSlice
    let rules: RuleOrder
    let classifications: Int
    let resources: Int

    private static let countWords = 5
    private static let conditionalStart = countWords + 1
    private static let openStart = conditionalStart + 1
    private static let verbStart = openStart + OpenDimension.allCases.count
    private static let verbCount = 32
    private static let withStart = verbStart + verbCount
    private static let withoutStart = withStart + 64
    private static let vouchStart = withoutStart + 64
    private static let namedStart = vouchStart + 64

    init(_ slice: BlockSlice) throws(BundleError) {
        self.slice = slice
        let counts = (0..<5).map { Int(slice.u32($0)) }
        func fault(_ reason: String) -> BundleError {
            BundleError(.corrupt, section: "dimensions", offset: slice.range.lowerBound, reason)
        }
        guard counts[0...2].allSatisfy({ $0 <= BundleLayout.maximumRules }),
            counts[0...2].reduce(0, +) <= BundleLayout.maximumRules
        else { throw fault("has more than \(BundleLayout.maximumRules) rules") }
        guard counts[3] <= BundleLayout.maximumClassifications, counts[4] <= BundleLayout.maximumResources else {
            throw fault("has too many classifications or resources")
        }
        rules = RuleOrder(allowRules: counts[0], holdRules: counts[1], denyRules: counts[2])
        classifications = counts[3]
        resources = counts[4]
        guard slice.count == 4 * (DimensionTable.namedStart + classifications + resources) else {
            throw fault("has the wrong length")
        }
    }

    /// Rules in observe mode.
    var observed: UInt32 { slice.u32(DimensionTable.countWords) }
    /// Rules that say something of arguments, which no row can tell.
    var conditional: UInt32 { slice.u32(DimensionTable.conditionalStart) }
    func open(_ dimension: OpenDimension) -> UInt32 { slice.u32(DimensionTable.openStart + dimension.rawValue) }
    func verb(_ verb: Verb) -> UInt32 { slice.u32(DimensionTable.verbStart + Int(verb.rawValue)) }
    /// Rules that ask for the feature with this bit number.
    func with(_ bit: Int) -> UInt32 { slice.u32(DimensionTable.withStart + bit) }
    /// Rules that ask for its absence.
    func without(_ bit: Int) -> UInt32 { slice.u32(DimensionTable.withoutStart + bit) }
    /// Rules that vouch for it.
    func vouch(_ bit: Int) -> UInt32 { slice.u32(DimensionTable.vouchStart + bit) }
    func classification(_ number: Int) -> UInt32 { slice.u32(DimensionTable.namedStart + number) }
    func resource(_ number: Int) -> UInt32 { slice.u32(DimensionTable.namedStart + classifications + number) }

    func validate(rows: Int) throws(BundleError) {
        for index in DimensionTable.countWords..<(slice.count / 4) where Int(slice.u32(index)) >= rows {
            throw BundleError(
                .corrupt, section: "dimensions", offset: slice.range.lowerBound + 4 * index,
                "row \(slice.u32(index)) does not exist")
        }
    }

    static func words(
        of model: PolicyModel, order: RuleOrder, rows: inout RowSink
    ) -> [UInt32] {
        var words: [UInt32] = [
            order.allowRules, order.holdRules, order.denyRules, model.classifications.count, model.resources.count,
        ].map { UInt32(truncatingIfNeeded: $0) }
        /// A row for each of the first `count` bits, of the rules that have it.
        func put(_ count: Int, _ bits: (Rule) -> UInt64) {
            var ordinals = [[Int]](repeating: [], count: count)
            for (ordinal, rule) in model.rules.enumerated() {
                var rest = bits(rule)
                while rest != 0, rest.trailingZeroBitCount < count {
                    ordinals[rest.trailingZeroBitCount].append(ordinal)
                    rest &= rest - 1
                }
            }
            words += ordinals.map { rows.row($0) }
        }
        put(1) { $0.mode == .observe ? 1 : 0 }
        put(1) { $0.condition.saysOfArguments ? 1 : 0 }
        put(OpenDimension.allCases.count) { rule in
            OpenDimension.allCases.reduce(0) { $0 | (rule.leavesOpen($1) ? 1 << UInt64($1.rawValue) : 0) }
        }
        put(verbCount) { $0.verbs.reduce(0) { $0 | 1 << UInt64($1.rawValue) } }
        put(64) { $0.condition.with.rawValue }
        put(64) { $0.condition.without.rawValue }
        put(64) { $0.vouches.features.rawValue }
        let byClassification = ordinals(model.rules, by: \.condition.classifications)
        for classification in model.classifications {
            words.append(rows.row(byClassification[Array(classification.name.utf8)] ?? []))
        }
        let byResource = ordinals(model.rules, by: \.resources)
        for resource in model.resources {
            words.append(rows.row(byResource[Array(resource.name.utf8)] ?? []))
        }
        return words
    }

    private static func ordinals(_ rules: [Rule], by names: KeyPath<Rule, [String]>) -> [[UInt8]: [Int]] {
        var result: [[UInt8]: [Int]] = [:]
        for (ordinal, rule) in rules.enumerated() {
            for name in rule[keyPath: names] { result[Array(name.utf8), default: []].append(ordinal) }
        }
        return result
    }
}

extension Rule {
    func leavesOpen(_ dimension: OpenDimension) -> Bool {
        switch dimension {
        case .resource: resources.isEmpty
        case .group: subjects.groups.isEmpty
        case .subject: subjects.subjects.isEmpty
        case .actor: subjects.actors.isEmpty
        case .classification: condition.classifications.isEmpty
        case .object: condition.objects.isEmpty
        case .column: condition.columns.isEmpty
        case .function: condition.functions.isEmpty
        case .method: condition.methods.isEmpty
        case .host: condition.hosts.isEmpty
        case .path: condition.paths.isEmpty
        case .port: condition.ports.isEmpty
        case .request:
            condition.methods.isEmpty && condition.hosts.isEmpty && condition.paths.isEmpty && condition.ports.isEmpty
        case .tool: condition.tools.isEmpty
        case .uri: condition.uris.isEmpty
        case .prompt: condition.prompts.isEmpty
        case .call:
            condition.tools.isEmpty && condition.uris.isEmpty && condition.prompts.isEmpty && !condition.saysOfArguments
        case .plain: leavesOpen(.request) && leavesOpen(.call)
        }
    }
}

extension Condition {
    /// It cannot be decided by tables alone.
    var saysOfArguments: Bool { !arguments.isEmpty || onlyArguments }
}

/// A policy in the form that decisions are made from: one block of tables, validated once and never left after that.
///
/// Immutable, and cheap to share between threads.
public final class PolicyBundle: Sendable {
    let identity = Identity()
    let block: BundleBlock
    let sections: [BlockSlice]
    let strings: StringTable
    let rows: RowTable
    let dimensions: DimensionTable
    let globs: BundleGlobs
    /// Everything but the rules.
    let settings: PolicyModel
    let resourceNumbers: [[UInt8]: Int]
    /// With their globs, for those that are looked at statement by statement.
    let budgetMatchers: [BudgetMatcher]
    /// For each resource, for each classification: whether it holds there.
    let classificationsByResource: [[Bool]]

    /// Takes a bundle from memory.
    ///
    /// - Throws: ``BundleError`` naming the section and the offset of the first fault.
    public convenience init(validating bytes: [UInt8]) throws(BundleError) {
        try self.init(BundleBlock(copying: bytes))
    }

    /// Maps a bundle's file read-only. To replace a bundle put another file in its place; never write into it.
    ///
    /// - Throws: ``BundleError`` with the code `unreadable` when there is no such file to be read, else as
    ///   ``init(validating:)``.
    public convenience init(mapping path: String) throws(BundleError) {
        try self.init(BundleBlock.mapping(path: path))
    }

    private init(_ block: BundleBlock) throws(BundleError) {
        self.block = block
        let sections = try BundleHeader.validate(block)
        self.sections = sections
        func section(_ section: BundleLayout.Section) -> BlockSlice { sections[section.rawValue] }

        strings = StringTable(entries: section(.strings), pool: section(.pool))
        try strings.validate()
        dimensions = try DimensionTable(section(.dimensions))
        rows = RowTable(order: dimensions.rules, rows: section(.rows), index: section(.rowIndex))
        try rows.validate()
        try dimensions.validate(rows: rows.count)
        globs = try BundleGlobs(sections, rows: rows.count, classifications: dimensions.classifications)
        var source = WordSource(section(.settings), section: .settings, strings: strings)
        settings = try SettingsCoding.model(from: &source)
        guard settings.classifications.count == dimensions.classifications,
            settings.resources.count == dimensions.resources
        else { throw source.fault("does not agree with the dimensions section") }
        try PolicyBundle.validateRules(
            section(.rules), index: section(.ruleIndex), order: dimensions.rules, strings: strings)

        var matchers: [BudgetMatcher] = []
        for budget in settings.budgets {
            guard let matcher = BudgetMatcher(budget) else {
                throw source.fault("the budget '\(budget.name)' has a pattern that is none")
            }
            matchers.append(matcher)
        }
        budgetMatchers = matchers

        let resources = settings.resources
        resourceNumbers = Dictionary(
            resources.enumerated().map { (Array($0.element.name.utf8), $0.offset) },
            uniquingKeysWith: { first, _ in first })
        let classifications = settings.classifications
        classificationsByResource = resources.map { resource in
            classifications.map { classification in
                classification.resources.isEmpty
                    || classification.resources.contains { $0.utf8.elementsEqual(resource.name.utf8) }
            }
        }
    }

    private static func validateRules(
        _ rules: BlockSlice, index: BlockSlice, order: RuleOrder, strings: StringTable
    ) throws(BundleError) {
        guard index.count == 4 * order.rules else {
            throw BundleError(
                .corrupt, section: BundleLayout.Section.ruleIndex.name, offset: index.range.lowerBound,
                "has the wrong length")
        }
        var source = WordSource(rules, section: .rules, strings: strings)
        for ordinal in 0..<order.rules {
            guard Int(index.u32(ordinal)) == source.position else {
                throw BundleError(
                    .corrupt, section: BundleLayout.Section.ruleIndex.name,
                    offset: index.range.lowerBound + 4 * ordinal, "rule \(ordinal) starts somewhere else")
            }
            try RuleCoding.validate(&source, effect: order.effect(ofRule: ordinal))
        }
        guard source.isAtEnd else { throw source.fault("goes on after its last rule") }
    }

    func section(_ section: BundleLayout.Section) -> BlockSlice {
        sections[section.rawValue]
    }
}

/// The tables of globs.
struct BundleGlobs: Sendable {
    let groups: GlobTable
    let subjects: GlobTable
    let actors: GlobTable
    let objects: GlobTable
    let columns: GlobTable
    let functions: GlobTable
    let vouchedFunctions: GlobTable
    let columnClasses: GlobTable
    let methods: GlobTable
    let hosts: GlobTable
    let paths: GlobTable
    let ports: GlobTable
    let tools: GlobTable
    let uris: GlobTable
    let prompts: GlobTable

    init(_ sections: [BlockSlice], rows: Int, classifications: Int) throws(BundleError) {
        let patterns = sections[BundleLayout.Section.patterns.rawValue]
        func table(_ section: BundleLayout.Section, limit: Int) throws(BundleError) -> GlobTable {
            let table = try GlobTable(sections[section.rawValue], patterns: patterns, section: section)
            try table.validate(limit: limit)
            return table
        }
        groups = try table(.groups, limit: rows)
        subjects = try table(.subjects, limit: rows)
        actors = try table(.actors, limit: rows)
        objects = try table(.objects, limit: rows)
        columns = try table(.columns, limit: rows)
        functions = try table(.functions, limit: rows)
        vouchedFunctions = try table(.vouchedFunctions, limit: rows)
        columnClasses = try table(.columnClasses, limit: classifications)
        methods = try table(.methods, limit: rows)
        hosts = try table(.hosts, limit: rows)
        paths = try table(.paths, limit: rows)
        ports = try table(.ports, limit: rows)
        tools = try table(.tools, limit: rows)
        uris = try table(.uris, limit: rows)
        prompts = try table(.prompts, limit: rows)
    }
}

/// The header and the section table.
enum BundleHeader {
    /// - Returns: the sections, by their raw values.
    static func validate(_ block: BundleBlock) throws(BundleError) -> [BlockSlice] {
        guard block.count >= BundleLayout.headerLength else {
            throw BundleError(.truncated, offset: block.count, "the bundle ends before its header does")
        }
        guard block.count <= BundleLayout.maximumLength else {
            throw BundleError(
                .tooLarge, offset: block.count, "the bundle is larger than \(BundleLayout.maximumLength) bytes")
        }
        guard block.bytes(0..<BundleLayout.magic.count) == BundleLayout.magic else {
            throw BundleError(.notABundle, "this is no policy bundle")
        }
        guard block.u32(at: 8) == BundleLayout.version else {
            throw BundleError(
                .unsupportedVersion, offset: 8,
                "the layout's version is \(block.u32(at: 8)), and \(BundleLayout.version) is what this program reads")
        }
        guard block.u32(at: 12) == UInt32(truncatingIfNeeded: block.count) else {
            throw BundleError(
                .truncated, offset: 12, "the bundle has \(block.count) bytes and says \(block.u32(at: 12))")
        }
        guard block.u64(at: BundleLayout.checksumOffset) == block.checksum(from: BundleLayout.checksummedFrom) else {
            throw BundleError(.corrupt, offset: BundleLayout.checksumOffset, "the checksum does not agree")
        }
        guard block.u32(at: 56) == UInt32(BundleLayout.Section.allCases.count) else {
            throw BundleError(.corrupt, offset: 56, "there are \(block.u32(at: 56)) sections")
        }
        var sections: [BlockSlice] = []
        for section in BundleLayout.Section.allCases {
            sections.append(try slice(section, of: block))
        }
        return sections
    }

    private static func slice(
        _ section: BundleLayout.Section, of block: BundleBlock
    ) throws(BundleError) -> BlockSlice {
        let entry = BundleLayout.sectionTableOffset + 8 * section.rawValue
        let offset = Int(block.u32(at: entry))
        let length = Int(block.u32(at: entry + 4))
        guard offset >= BundleLayout.headerLength, offset % 8 == 0, offset <= block.count,
            length <= block.count - offset, length % section.elementSize == 0
        else {
            throw BundleError(.corrupt, section: section.name, offset: entry, "lies outside the bundle")
        }
        return BlockSlice(block: block, range: offset..<offset + length)
    }
}

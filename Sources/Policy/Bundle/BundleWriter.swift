/// Lays a policy out as a bundle. Pure, and a function of what the policy says: the order of any list in the model makes
/// no difference to the bytes.
public enum BundleWriter {
    /// - Parameters:
    ///   - model: a policy; its rules' globs must be well-formed, and the names that they use must exist.
    ///   - detectors: the detectors' tables, kept as they are.
    ///   - digest: the SHA-256 of what it is given.
    /// - Throws: ``BundleWriterError`` when the model cannot be laid out.
    public static func encode(
        _ model: PolicyModel, detectors: [UInt8] = [], digest: ([UInt8]) -> [UInt8]
    ) throws(BundleWriterError) -> [UInt8] {
        var model = model.normalized()
        try check(model)
        model.rules = RuleOrder.clustered(model.rules)
        let order = RuleOrder(
            allowRules: model.rules.count { $0.effect == .allow }, holdRules: model.rules.count { $0.effect == .hold },
            denyRules: model.rules.count { $0.effect == .deny })
        var sections: [BundleLayout.Section: [UInt8]] = [:]
        var rows = RowSink(order: order)
        var patterns = PatternSink()
        for (section, table) in try tables(of: model, rows: &rows) {
            sections[section] = bytes(try table.words(patterns: &patterns))
        }
        sections[.dimensions] = bytes(DimensionTable.words(of: model, order: order, rows: &rows))
        sections[.rows] = bytes(rows.words)
        sections[.rowIndex] = bytes(rows.starts)
        sections[.patterns] = patterns.bytes
        sections[.detectors] = detectors
        putText(model, into: &sections)
        let bundle = try assemble(sections, digest)
        // A bundle that no reader takes must not leave here.
        do { _ = try PolicyBundle(validating: bundle) } catch { throw BundleWriterError(.unreadable, "\(error)") }
        return bundle
    }

    /// A model's own faults that a bundle could not carry.
    private static func check(_ model: PolicyModel) throws(BundleWriterError) {
        if model.rules.count > BundleLayout.maximumRules {
            throw BundleWriterError(.tooMany, "there are more than \(BundleLayout.maximumRules) rules")
        }
        if model.classifications.count > BundleLayout.maximumClassifications {
            throw BundleWriterError(
                .tooMany, "there are more than \(BundleLayout.maximumClassifications) classifications")
        }
        if model.resources.count > BundleLayout.maximumResources {
            throw BundleWriterError(.tooMany, "there are more than \(BundleLayout.maximumResources) resources")
        }
        if model.budgets.count > BundleLayout.maximumBudgets {
            throw BundleWriterError(.tooMany, "there are more than \(BundleLayout.maximumBudgets) budgets")
        }
        try checkUnique("budget", model.budgets.map(\.name))
        try checkUnique("rule", model.rules.map(\.name))
        try checkUnique("custom detector", model.customDetectors.map(\.name))
        let resources = try checkUnique("resource", model.resources.map(\.name))
        let classifications = try checkUnique("classification", model.classifications.map(\.name))
        for rule in model.rules {
            try checkKnown(rule.resources, in: resources, "resource", by: rule.name)
            try checkKnown(rule.condition.classifications, in: classifications, "classification", by: rule.name)
        }
        for budget in model.budgets {
            try checkKnown(budget.resources, in: resources, "resource", by: budget.name)
            try checkKnown(budget.classifications, in: classifications, "classification", by: budget.name)
        }
        for classification in model.classifications {
            try checkKnown(classification.resources, in: resources, "resource", by: classification.name)
        }
    }

    @discardableResult
    private static func checkUnique(_ what: String, _ names: [String]) throws(BundleWriterError) -> Set<[UInt8]> {
        var seen: Set<[UInt8]> = []
        for name in names where !seen.insert(Array(name.utf8)).inserted {
            throw BundleWriterError(.duplicateName, "there are two \(what)s named '\(name)'")
        }
        return seen
    }

    private static func checkKnown(
        _ names: [String], in known: Set<[UInt8]>, _ what: String, by user: String
    ) throws(BundleWriterError) {
        for name in names where !known.contains(Array(name.utf8)) {
            throw BundleWriterError(.unknownName, "'\(user)' names the \(what) '\(name)', which does not exist")
        }
    }

    private static func tables(
        of model: PolicyModel, rows: inout RowSink
    ) throws(BundleWriterError) -> [(BundleLayout.Section, GlobTableSink)] {
        var result: [(BundleLayout.Section, GlobTableSink)] = []
        for table in RuleGlobs.all {
            var ordinals: [Glob: [Int]] = [:]
            for (ordinal, rule) in model.rules.enumerated() {
                for text in table.texts(rule) {
                    let glob = try glob(text, table.kind, of: rule.name)
                    // Two spellings of one glob are one.
                    if ordinals[glob]?.last != ordinal { ordinals[glob, default: []].append(ordinal) }
                }
            }
            var sink = GlobTableSink(form: table.section.globForm)
            for (glob, rules) in ordinals.sorted(by: { $0.key.encoded.lexicographicallyPrecedes($1.key.encoded) }) {
                sink.put(glob, rows.row(rules))
            }
            result.append((table.section, sink))
        }
        var columnClasses = GlobTableSink(form: .name)
        for (number, classification) in model.classifications.enumerated() {
            for text in classification.columns {
                columnClasses.put(
                    try glob(text, .path, of: classification.name), UInt32(truncatingIfNeeded: number))
            }
        }
        result.append((.columnClasses, columnClasses))
        return result
    }

    private static func glob(
        _ text: String, _ kind: RuleGlobs.Kind, of user: String
    ) throws(BundleWriterError) -> Glob {
        do {
            switch kind {
            case .path: return try Glob(path: text)
            case .text: return try Glob(text: text)
            case .exact: return try Glob(exact: text)
            case .host: return try Glob(host: text)
            case .requestPath: return try Glob(requestPath: text)
            }
        } catch {
            throw BundleWriterError(.invalidGlob, "in '\(user)': \(error)")
        }
    }

    private static func putText(_ model: PolicyModel, into sections: inout [BundleLayout.Section: [UInt8]]) {
        var sink = WordSink()
        SettingsCoding.put(model, into: &sink)
        sections[.settings] = bytes(sink.take())
        var index: [UInt32] = []
        for rule in model.rules {
            index.append(UInt32(truncatingIfNeeded: sink.words.count))
            RuleCoding.put(rule, into: &sink)
        }
        sections[.rules] = bytes(sink.take())
        sections[.ruleIndex] = bytes(index)
        var entries: [UInt32] = []
        var pool: [UInt8] = []
        for string in sink.strings {
            entries.append(UInt32(truncatingIfNeeded: pool.count))
            entries.append(UInt32(truncatingIfNeeded: string.count))
            pool += string
        }
        sections[.strings] = bytes(entries)
        sections[.pool] = pool
    }

    private static func assemble(
        _ sections: [BundleLayout.Section: [UInt8]], _ digest: ([UInt8]) -> [UInt8]
    ) throws(BundleWriterError) -> [UInt8] {
        var table: [UInt32] = []
        var body: [UInt8] = []
        let header = BundleLayout.headerLength
        for section in BundleLayout.Section.allCases {
            let content = sections[section] ?? []
            table.append(UInt32(truncatingIfNeeded: header + body.count))
            table.append(UInt32(truncatingIfNeeded: content.count))
            body += content
            body += [UInt8](repeating: 0, count: (8 - body.count % 8) % 8)
        }
        let length = header + body.count
        guard length <= BundleLayout.maximumLength else {
            throw BundleWriterError(.tooMany, "the bundle would be larger than \(BundleLayout.maximumLength) bytes")
        }
        let checksummed = bytes([UInt32(BundleLayout.Section.allCases.count), 0] + table) + body
        let digested = bytes([BundleLayout.checksum(checksummed)]) + checksummed
        let digestBytes = digest(digested)
        guard digestBytes.count == BundleLayout.digestLength else {
            throw BundleWriterError(.wrongDigestLength, "a digest has \(BundleLayout.digestLength) bytes")
        }
        return BundleLayout.magic + bytes([BundleLayout.version, UInt32(truncatingIfNeeded: length)]) + digestBytes
            + digested
    }

    private static func bytes(_ words: [UInt32]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * words.count)
        for word in words {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes
    }

    private static func bytes(_ words: [UInt64]) -> [UInt8] {
        bytes(words.flatMap { [UInt32(truncatingIfNeeded: $0), UInt32(truncatingIfNeeded: $0 >> 32)] })
    }
}

extension BundleLayout {
    /// The checksum over `bytes`, which start at ``checksummedFrom``.
    static func checksum(_ bytes: [UInt8]) -> UInt64 {
        BundleBlock(copying: bytes).checksum(from: 0)
    }

    /// Makes length and checksum agree with whatever the bytes are: what somebody who means harm does before a reader
    /// gets to see them.
    package static func mended(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= checksummedFrom else { return bytes }
        var bytes = bytes
        for index in 0..<4 { bytes[12 + index] = UInt8(truncatingIfNeeded: bytes.count >> (8 * index)) }
        let checksum = checksum(Array(bytes[checksummedFrom...]))
        for index in 0..<8 {
            bytes[checksumOffset + index] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt64(index)))
        }
        return bytes
    }
}

/// The globs of a rule, and the table that each kind is looked up in.
struct RuleGlobs {
    enum Kind { case path, text, exact, host, requestPath }

    let section: BundleLayout.Section
    let kind: Kind
    let texts: (Rule) -> [String]

    static var all: [RuleGlobs] {
        [
            RuleGlobs(section: .groups, kind: .exact) { $0.subjects.groups },
            RuleGlobs(section: .subjects, kind: .text) { $0.subjects.subjects },
            RuleGlobs(section: .actors, kind: .text) { $0.subjects.actors },
            RuleGlobs(section: .objects, kind: .path) { $0.condition.objects },
            RuleGlobs(section: .columns, kind: .path) { $0.condition.columns },
            RuleGlobs(section: .functions, kind: .path) { $0.condition.functions },
            RuleGlobs(section: .vouchedFunctions, kind: .path) { $0.vouches.functions },
            RuleGlobs(section: .methods, kind: .exact) { $0.condition.methods },
            RuleGlobs(section: .hosts, kind: .host) { $0.condition.hosts },
            RuleGlobs(section: .paths, kind: .requestPath) { $0.condition.paths },
            RuleGlobs(section: .ports, kind: .exact) { $0.condition.ports },
            RuleGlobs(section: .tools, kind: .text) { $0.condition.tools },
            RuleGlobs(section: .uris, kind: .text) { $0.condition.uris },
            RuleGlobs(section: .prompts, kind: .text) { $0.condition.prompts },
        ]
    }
}

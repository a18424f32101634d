import Policy
import SQLInspection
import Synchronization

/// The judgements that were made under one policy for one resource: a policy owns one, so that they go with it.
public final class JudgementScopes: Sendable {
    private struct Key: Hashable {
        let subject: Subject
        let resource: String
        let searchPath: [String]
        let catalog: UInt64
    }

    /// Subjects, paths and catalogs of a policy are few at a time; sessions keep their scope whatever is dropped here.
    private static let capacity = 16

    /// No other has it in this process.
    let number = JudgementScopes.count.add(1, ordering: .relaxed).newValue

    private static let count = Atomic<UInt64>(0)
    private let scopes = Mutex<[(key: Key, scope: JudgementScope)]>([])

    public init() {}

    /// What sessions of one subject, search path and catalog share.
    func scope(
        subject: Subject, resource: String, searchPath: [String], catalog: PostgresCatalog
    ) -> JudgementScope {
        let key = Key(subject: subject, resource: resource, searchPath: searchPath, catalog: catalog.version)
        return scopes.withLock { scopes in
            if let known = scopes.first(where: { $0.key == key }) { return known.scope }
            if scopes.count >= JudgementScopes.capacity { scopes.removeFirst() }
            let scope = JudgementScope()
            scopes.append((key, scope))
            return scope
        }
    }
}

/// Texts that were judged, for sessions to which they mean the same: of one policy, subject, search path and catalog.
///
/// A text is found again by its bytes. One that policy allows is found by every text, too, that differs from it in literals
/// alone at whose values nobody looked, neither analysis (``Literal/isUnread``) nor policy nor record: the statement
/// names no classified column.
final class JudgementScope: Sendable {
    private struct Kept: Sendable {
        var plain = PlainText()
        var exact = Generations<JudgedText>()
        var templates = Generations<[Template]>()
    }

    /// A judged text, of plain ones of its key.
    private struct Template: Sendable {
        let judged: JudgedText
        /// Literals whose values were looked at: by their place among the literals.
        let fixed: [(index: Int, bytes: [UInt8])]
    }

    private let kept = Mutex(Kept())

    /// LIMIT's number is one that is looked at; a program has few of them.
    private static let templatesPerKey = 4
    /// Longer texts are seldom sent twice.
    private static let longestKept = 16 << 10

    /// - Parameter byTemplate: Whether another text will do that differs in literals nobody looked at.
    func look(_ text: ArraySlice<UInt8>, byTemplate: Bool) -> JudgedText? {
        kept.withLock { kept in
            if byTemplate, kept.plain.read(text.span),
                let templates = kept.templates.look(TextKey(bytes: kept.plain.key))
            {
                for template in templates
                where template.fixed.allSatisfy({
                    text[(text.startIndex + kept.plain.literals[$0.index].lowerBound)...]
                        .prefix(kept.plain.literals[$0.index].count).elementsEqual($0.bytes)
                }) {
                    return template.judged
                }
            }
            return kept.exact.look(TextKey(bytes: text))
        }
    }

    func keep(_ judged: JudgedText, _ policy: any SessionPolicy) {
        let text = judged.source.text
        guard text.count <= JudgementScope.longestKept, judged.source.failure == nil,
            !judged.statements.contains(where: \.isIndirect)
        else { return }
        kept.withLock { kept in
            kept.exact.keep(judged, for: TextKey(bytes: text))
            guard kept.plain.read(text.span), let fixed = JudgementScope.fixed(in: judged, kept.plain, policy) else {
                return
            }
            let key = TextKey(bytes: kept.plain.key)
            var templates = kept.templates.look(key) ?? []
            if templates.count >= JudgementScope.templatesPerKey { templates.removeFirst() }
            templates.append(Template(judged: judged, fixed: fixed))
            kept.templates.keep(templates, for: key)
        }
    }

    /// What texts are that the judgement of this one is good for; `nil` when no other is.
    static func template(of statement: JudgedStatement, _ policy: any SessionPolicy) -> PlainTemplate? {
        var plain = PlainText()
        let text = statement.source.text
        guard plain.read(text.span), let fixed = fixed(in: statement, plain, policy) else { return nil }
        return PlainTemplate(text.span, fixed: Set(fixed.map(\.index)))
    }

    /// The literals that a text must share with the judged one; `nil` when it must be the same.
    private static func fixed(
        in judged: JudgedText, _ plain: PlainText, _ policy: any SessionPolicy
    ) -> [(index: Int, bytes: [UInt8])]? {
        guard judged.statements.count == 1, let statement = judged.statements.first, judged.verdict.outcome == .allow
        else { return nil }
        return fixed(in: statement, plain, policy)
    }

    private static func fixed(
        in statement: JudgedStatement, _ plain: PlainText, _ policy: any SessionPolicy
    ) -> [(index: Int, bytes: [UInt8])]? {
        guard statement.source.statements.count == 1, statement.verdict.outcome == .allow,
            statement.analysis.kind == .query || statement.analysis.kind == .write
        else { return nil }
        let literals = statement.analysis.literals
        // Records hide literals of statements that name classified columns, each by what it is compared with and what it holds,
        // and refusals may hang on their values.
        let isClassified = { (column: BaseColumn) in policy.classification(of: column) != nil }
        guard !literals.contains(where: { $0.columns.contains(where: isClassified) }),
            !statement.usesClassifiedKey(policy),
            !statement.analysis.accesses.contains(where: { access in
                access.columns.keys.contains {
                    isClassified(BaseColumn(schema: access.schema, relation: access.name, column: $0))
                }
            })
        else { return nil }
        let unread = Set(literals.lazy.filter(\.isUnread).map(\.range))
        let fixed = plain.literals.enumerated().filter { !unread.contains($0.element) }
        guard fixed.count < plain.literals.count else { return nil }
        return fixed.map { ($0.offset, Array(statement.source.text[$0.element])) }
    }
}

/// A key whose bytes are compared, and hashed in one go.
private struct TextKey: Hashable {
    let bytes: ArraySlice<UInt8>

    init(bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    init(bytes: [UInt8]) {
        self.bytes = bytes[...]
    }

    static func == (left: TextKey, right: TextKey) -> Bool {
        left.bytes.count == right.bytes.count && left.bytes.elementsEqual(right.bytes)
    }

    func hash(into hasher: inout Hasher) {
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
}

/// What was asked for lately. Two generations: when the young one is full it becomes the old one, and what is asked for again
/// moves back.
private struct Generations<Value: Sendable>: Sendable {
    private var young: [TextKey: Value] = [:]
    private var old: [TextKey: Value] = [:]
    private static var capacity: Int { 256 }

    mutating func look(_ key: TextKey) -> Value? {
        if let found = young[key] { return found }
        if old.isEmpty { return nil }
        guard let index = old.index(forKey: key) else { return nil }
        let (owned, value) = old.remove(at: index)
        insert(value, owned)
        return value
    }

    /// The key's bytes are copied: they may be a part of a buffer that lives on.
    mutating func keep(_ value: Value, for key: TextKey) {
        insert(value, TextKey(bytes: Array(key.bytes)))
    }

    private mutating func insert(_ value: Value, _ key: TextKey) {
        if young.count >= Generations.capacity {
            old = young
            young = [:]
        }
        young[key] = value
    }
}

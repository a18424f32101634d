import Policy
import PostgresWire
import Records
import SQLInspection

/// Statements and parameters as records and approvers may see them.
extension PostgresSession {
    /// A statement's text with its sensitive literals replaced.
    ///
    /// A literal is sensitive when it is compared with or assigned to a classified column or what is under a classified key, or when a detector knows it; where
    /// a statement names a classified column, also when it is not told what the literal is compared with. The text between literals is looked at by detectors too: comments hold anything.
    func maskedText(of statements: [JudgedStatement], in source: TextAnalysis?) -> String {
        guard let source, let policy else { return "" }
        guard source.failure == nil else {
            return "-- a statement of \(source.text.count) bytes that cannot be read"
        }
        // One statement of several is told alone.
        var range = 0..<source.text.count
        if statements.count == 1, let only = statements.first, source.statements.count > 1 {
            range = only.analysis.textRange.clamped(to: range)
        }
        let namesClassified = statements.contains { namesClassifiedColumn($0, policy) }
        let documents = statements.reduce(into: Set<BaseColumn>()) {
            $0.formUnion($1.columnsWithClassifiedKeys(policy))
        }
        let literals = source.statements.flatMap(\.literals).sorted { $0.range.lowerBound < $1.range.lowerBound }
        var output: [UInt8] = []
        var position = range.lowerBound
        for literal in literals {
            let part = literal.range.clamped(to: range)
            guard part.lowerBound >= position, !part.isEmpty else { continue }
            let isSensitive =
                literal.columns.contains { policy.classification(of: $0) != nil }
                || !documents.isEmpty && literal.isString && !documents.isDisjoint(with: literal.columns)
                || literal.columns.isEmpty && namesClassified && PostgresSession.mayHoldValue(literal)
            guard isSensitive else { continue }
            output.append(contentsOf: source.text[position..<part.lowerBound])
            output.append(contentsOf: "'[redacted]'".utf8)
            position = part.upperBound
        }
        output.append(contentsOf: source.text[position..<range.upperBound])
        return String(decoding: masker.scanText(output), as: UTF8.self)
    }

    /// The text of a statement that was judged by another: none of its literals is sensitive for its column's sake.
    func maskedText(_ text: [UInt8]) -> [UInt8] {
        masker.scanText(text)
    }

    private func namesClassifiedColumn(_ statement: JudgedStatement, _ policy: any SessionPolicy) -> Bool {
        statement.analysis.accesses.contains { access in
            access.columns.keys.contains { name in
                policy.classification(
                    of: BaseColumn(schema: access.schema, relation: access.name, column: name)) != nil
            }
        }
    }

    /// Short numbers are limits, offsets and positions.
    private static func mayHoldValue(_ literal: Literal) -> Bool { literal.isString || literal.range.count > 6 }

    /// A Bind's parameters, for records.
    ///
    /// Which column a parameter is compared with or assigned to is not told: where the statement uses a classified one so,
    /// none is shown.
    func recordedParameters(_ bind: FrontendMessage.Bind, for statement: JudgedStatement) -> RecordedParameters {
        var recorded = RecordedParameters()
        guard !bind.parameters.isEmpty, let policy, policy.recording.statements == .masked else { return recorded }
        let isSensitive = hidesParameters(of: statement, policy)
        for (index, value) in bind.parameters.enumerated() {
            guard let value else {
                recorded.append("NULL".utf8)
                continue
            }
            if isSensitive {
                recorded.append("[redacted]".utf8)
                continue
            }
            let format =
                switch bind.parameterFormats.count {
                case 0: FormatCode.text
                case 1: bind.parameterFormats[0]
                default: index < bind.parameterFormats.count ? bind.parameterFormats[index] : .binary
                }
            recorded.append(recordedParameter(value, format))
        }
        return recorded
    }

    /// Whether no parameter of a statement may be shown.
    func hidesParameters(of statement: JudgedStatement, _ policy: any SessionPolicy) -> Bool {
        if statement.usesClassifiedKey(policy) { return true }
        return statement.analysis.accesses.contains { access in
            access.columns.contains { name, use in
                guard !use.isDisjoint(with: [.predicate, .lookup, .write]) else { return false }
                return policy.classification(
                    of: BaseColumn(schema: access.schema, relation: access.name, column: name)) != nil
            }
        }
    }

    /// A parameter as a record shows it.
    func recordedParameter(_ value: [UInt8], _ format: FormatCode) -> [UInt8] {
        let scanned = masker.scanText(value)
        let isText =
            format == .text || String(validating: value, as: UTF8.self) != nil && !value.contains { $0 < 32 }
        let shown = isText ? scanned : BinaryCoding.hexadecimal(scanned)
        guard shown.count > PostgresSession.longestParameter else { return shown }
        return shown.prefix(PostgresSession.longestParameter) + Array("…".utf8)
    }

    /// A record keeps this much of a parameter.
    static let longestParameter = 1_024
}

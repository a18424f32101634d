import Policy
import PostgresWire
import Records
import SQLInspection

/// What the client gets for a statement that does not pass.
extension PostgresSession {
    /// Records a refusal and words it.
    ///
    /// - Parameters:
    ///   - message: in place of the rule's or the default's.
    ///   - number: of a statement that was recorded when it was held.
    mutating func refuse(
        _ statements: [JudgedStatement], source: TextAnalysis?, verdict: Verdict, message: String? = nil,
        hint: String? = nil, approvalID: String = "", parameters: RecordedParameters = RecordedParameters(),
        operation: Operation? = nil,
        number: UInt64? = nil
    ) -> ResponseFields {
        if number == nil { statementCount += 1 }
        let message = message ?? verdict.message ?? PostgresSession.defaultMessage(verdict.defaultReason)
        // The client is told it.
        let id = services.makeRecordID(now)
        recordJudged(
            statements, source: source, number: number ?? statementCount, outcome: .deny, verdict: verdict,
            message: message, approvalID: approvalID, parameters: parameters, operation: operation, id: id)
        let hint = hint ?? statements.lazy.compactMap(\.hint).first
        let record = "Record \(id)."
        var answer = ResponseFields(
            severity: "ERROR",
            sqlState: verdict.isOfBudgets ? PostgresSession.budgetState : "42501", message: message,
            hint: hint.map { "\($0) \(record)" } ?? record)
        if PostgresSession.mayBeAboutName(verdict.defaultReason), let source,
            let statement = statements.first(where: { $0.analysis.unknownName != nil }),
            let unknown = statement.analysis.unknownName
        {
            // What EXECUTE runs stands in another text.
            answer.name(unknown, in: statement.isIndirect ? [] : source.text)
        }
        return answer
    }

    /// Whether a name that means nothing may be why: `c.f` calls f where c has no column of the name.
    private static func mayBeAboutName(_ reason: Verdict.Default?) -> Bool {
        switch reason {
        case .notVouched(let features): features.contains(.unknownObject)
        case .functionsNotVouched: true
        default: false
        }
    }

    private static func defaultMessage(_ reason: Verdict.Default?) -> String {
        switch reason {
        case .notAllowed(let access):
            let object = access.object.components.joined(separator: ".")
            return object.isEmpty
                ? "No rule of the policy allows \(access.verb.name)."
                : "No rule of the policy allows \(access.verb.name) on \(object)."
        case .notVouched(let features):
            return "Policy does not vouch for what this statement does: \(explain(features))."
        case .functionsNotVouched(let functions):
            return "Policy does not vouch for the function \(functions.joined(separator: ", "))."
        case .noPolicy: return "No policy is in force, so nothing is permitted."
        case nil: return "Policy does not permit this statement."
        }
    }

    private static func explain(_ features: Features) -> String {
        features.names.map { name in
            switch name {
            case "unknownObject": "it names an object that is not known (unknownObject)"
            case "unknownLineage": "what a result column is made of cannot be told (unknownLineage)"
            case "unparsable": "it cannot be read (unparsable)"
            default: name
            }
        }.joined(separator: ", ")
    }
}

extension ResponseFields {
    /// Says to the client which name is not known, and where it stands. Records do not: who takes a value for a name (`"…"` for
    /// `'…'`) would have it there.
    fileprivate mutating func name(_ unknown: UnknownName, in text: [UInt8]) {
        let kind = unknown.kind == .table ? "table" : "column"
        let message =
            " The \(kind) \"\(unknown.name)\" is not known here: look at its name, or have a rule vouch for unknownObject."
        guard let index = fields.firstIndex(where: { $0.code == UInt8(ascii: "M") }) else { return }
        fields[index].value += Array(message.utf8)
        guard unknown.location >= 0, unknown.location < text.count else { return }
        // In characters, the first being 1 (PostgreSQL protocol 55.8, field P).
        let position = text[..<unknown.location].count { $0 & 0xC0 != 0x80 } + 1
        fields.append(Field(code: UInt8(ascii: "P"), value: Array(String(position).utf8)))
    }
}

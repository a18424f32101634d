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
        return ResponseFields(
            severity: "ERROR",
            sqlState: verdict.isOfBudgets ? PostgresSession.budgetState : "42501", message: message,
            hint: hint.map { "\($0) \(record)" } ?? record)
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

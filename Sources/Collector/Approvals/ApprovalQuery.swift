import GRDB
import Records
import UplinkProtocol

/// What a listing of approvals asks for.
struct ApprovalQuery: Sendable {
    var state: ApprovalState?
    /// Only those that name one of these groups; nil for all.
    var groups: Set<String>?
    var session: [UInt8]?

    /// Approvals by their last change.
    static func fetch(
        _ db: Database, _ query: ApprovalQuery, order: PageOrder, cursor: Int64?, limit: Int
    ) throws -> [ApprovalRows.Stored] {
        var conditions: [String] = []
        var arguments: [any DatabaseValueConvertible] = []
        if let state = query.state {
            conditions.append("state = ?")
            arguments.append(state.rawValue)
        }
        if let session = query.session {
            conditions.append("session_id = ?")
            arguments.append(session.data)
        }
        if let groups = query.groups {
            let places = Array(repeating: "?", count: groups.count).joined(separator: ", ")
            conditions.append(
                "approval_id IN (SELECT approval_id FROM approval_groups WHERE group_name IN (\(places)))")
            arguments.append(contentsOf: groups.sorted() as [any DatabaseValueConvertible])
        }
        if let cursor {
            conditions.append(order == .newest ? "change < ?" : "change > ?")
            arguments.append(cursor)
        }
        arguments.append(limit)
        let sql = """
            SELECT * FROM approvals \(conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "))
            ORDER BY change \(order == .newest ? "DESC" : "ASC") LIMIT ?
            """
        return try Row.fetchAll(db, sql: sql, arguments: StatementArguments(arguments)).map(ApprovalRows.Stored.init)
    }
}

extension ApprovalView {
    init(_ stored: ApprovalRows.Stored, for principal: Principal) {
        let request = stored.request
        let refusal = ApprovalRules.refusal(of: principal, subject: request.subject, lists: request.approverLists)
        let isPending = stored.state == .pending
        self.init(
            id: stored.id, state: stored.state, sidecarId: stored.sidecarID,
            sessionId: Identifiers.uuid(request.sessionID), statement: request.statement,
            subject: request.subject.id, issuer: request.subject.issuer, subjectGroups: request.subject.groups,
            actors: request.subject.actors, namespace: request.agent.namespace.nonEmpty,
            workload: request.agent.workload.nonEmpty, pod: request.agent.pod.nonEmpty, resource: request.resource,
            text: request.text, parameters: request.parameters, rules: request.rules, message: request.message,
            objects: request.objects, classifications: request.classifications, groups: request.namedGroups.sorted(),
            approverGroups: request.approverLists,
            mode: request.mode, asked: stored.asked, expires: stored.expires, decided: stored.decided,
            approver: stored.approver, reason: stored.reason?.nonEmpty, used: stored.used,
            decidable: isPending && refusal == nil,
            obstacle: isPending ? refusal?.message : "it is \(stored.state.rawValue)", change: stored.change)
    }
}

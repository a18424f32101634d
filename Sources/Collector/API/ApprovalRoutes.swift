import GRDB
import Hummingbird
import Logging
import UplinkProtocol

extension AuditAPI {
    func addApprovals(to v1: AuditRoutes) {
        v1.get("approvals") { request, context in
            let caller = try context.require(.approver, .auditor, .admin)
            let parameters = try QueryParameters(request, allowed: ["state", "session", "order", "limit", "cursor"])
            let query = ApprovalQuery(
                state: try parameters.choice("state", ApprovalState.self), groups: Self.visibleGroups(caller),
                session: try parameters.uuid("session"))
            let order = try parameters.choice("order", PageOrder.self) ?? .newest
            let (limit, cursor) = (try parameters.limit, try parameters.cursor)
            let found = try await store.read {
                try ApprovalQuery.fetch($0, query, order: order, cursor: cursor, limit: limit + 1)
            }
            let views = found.map { ApprovalView($0, for: caller) }
            return try JSONBody.response(Page(views, limit: limit, position: \.change))
        }
        v1.get("approvals/:id") { _, context in
            let caller = try context.require(.approver, .auditor, .admin)
            let id = try Self.approvalID(context)
            guard let stored = try await store.read({ try ApprovalRows.find($0, id: id) }),
                Self.visibleGroups(caller)?.isDisjoint(with: stored.request.namedGroups) != true
            else { throw Problem.notFound("there is no approval \(id)") }
            return try JSONBody.response(ApprovalView(stored, for: caller))
        }
        v1.post("approvals/:id/approve") { request, context in
            try await decide(true, request, context)
        }
        v1.post("approvals/:id/deny") { request, context in
            try await decide(false, request, context)
        }
    }

    /// Whoever only approves sees what they may have to decide; nil for those who see all.
    static func visibleGroups(_ caller: Principal) -> Set<String>? {
        caller.roles.isDisjoint(with: [.auditor, .admin]) ? caller.groups : nil
    }

    private static func approvalID(_ context: AuditContext) throws -> String {
        guard let id = context.parameters.get("id"), (1...64).contains(id.utf8.count),
            id.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw Problem.badRequest("that is not an approval's id") }
        return id
    }

    private func decide(_ approve: Bool, _ request: Request, _ context: AuditContext) async throws -> Response {
        // Auditors who are no approvers get the reason below, not a bare 403.
        let caller = try context.require(.approver, .auditor, .admin)
        let id = try Self.approvalID(context)
        let body = try await JSONBody.decode(DecisionBody.self, from: request)
        let reason = body.reason ?? ""
        guard reason.count <= Approvals.maximumReason else {
            throw Problem.badRequest("a reason has at most \(Approvals.maximumReason) characters")
        }
        do {
            let stored = try await approvals.decide(id: id, approve: approve, reason: reason, by: caller)
            metrics.decided(stored.state)
            return try JSONBody.response(ApprovalView(stored, for: caller))
        } catch let error as Approvals.DecisionError {
            switch error {
            case .unknown:
                throw Problem.notFound("there is no approval \(id)")
            case .refused(let refusal):
                context.logger.notice(
                    "decision refused",
                    metadata: ["approval": "\(id)", "caller": "\(caller.subject)", "reason": "\(refusal.message)"])
                throw Problem.forbidden(refusal.message)
            case .closed(let stored):
                let by = stored.approver.map { " by \($0)" } ?? ""
                // The state may be pending still for the second until it is closed as expired.
                let state = stored.state == .pending ? ApprovalState.expired : stored.state
                throw Problem.conflict("it is \(state.rawValue)\(by) already")
            }
        }
    }
}

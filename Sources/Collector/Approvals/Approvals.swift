import GRDB
import Logging
import Records
import UplinkProtocol

/// Approvals as a whole: asked by sidecars, decided by people, told to the sidecar that asked.
struct Approvals: Sendable {
    /// Why a decision was not taken.
    enum DecisionError: Error, Sendable {
        case unknown
        case refused(ApprovalRules.Refusal)
        /// It stands as it says; for a person who comes second.
        case closed(ApprovalRows.Stored)
    }

    let store: Store
    let sidecars: SidecarRegistry
    let changes: ChangeSignal
    let logger: Logger

    /// Takes a sidecar's request. A decision that is known already is told again.
    func ask(_ request: PBApprovalRequest, sidecarID: String) async throws {
        guard Self.isSound(request) else {
            logger.warning("approval request refused: malformed", metadata: ["sidecar": "\(sidecarID)"])
            return
        }
        let now = store.clock()
        let (asked, stored) = try await store.write { db in
            let asked = try ApprovalRows.ask(db, request, sidecarID: sidecarID, now: now)
            return (asked, try ApprovalRows.find(db, id: request.approvalID))
        }
        switch asked {
        case .new:
            changes.notify()
            logger.info(
                "approval asked",
                metadata: [
                    "approval": "\(request.approvalID)", "sidecar": "\(sidecarID)", "resource": "\(request.resource)",
                    "rules": "\(request.rules.joined(separator: ","))",
                ])
        case .known:
            if let decision = stored?.decision { sidecars.send(.decision(decision), to: sidecarID) }
        case .conflict:
            logger.warning(
                "approval asked again with another question",
                metadata: ["approval": "\(request.approvalID)", "sidecar": "\(sidecarID)"])
        }
    }

    func withdraw(_ withdrawal: PBApprovalWithdrawn, sidecarID: String) async throws {
        let now = store.clock()
        let changed = try await store.write { db in
            try ApprovalRows.withdraw(
                db, id: withdrawal.approvalID, sidecarID: sidecarID,
                reason: String(withdrawal.reason.prefix(Self.maximumReason)), now: now)
        }
        if changed { changes.notify() }
    }

    /// Decides a request for a person, and tells the sidecar once that is durable.
    ///
    /// - Throws: ``DecisionError``, or what the store throws.
    func decide(id: String, approve: Bool, reason: String, by principal: Principal) async throws -> ApprovalRows.Stored
    {
        let now = store.clock()
        let stored = try await store.write { db in
            guard let before = try ApprovalRows.find(db, id: id) else { throw DecisionError.unknown }
            if let refusal = ApprovalRules.refusal(
                of: principal, subject: before.request.subject, lists: before.request.approverLists)
            {
                throw DecisionError.refused(refusal)
            }
            let taken = try ApprovalRows.decide(
                db, id: id, approve: approve, approver: principal.subject, issuer: principal.issuer, reason: reason,
                now: now)
            guard let after = try ApprovalRows.find(db, id: id) else { throw DecisionError.unknown }
            guard taken else {
                throw DecisionError.closed(after)
            }
            return after
        }
        if let decision = stored.decision { sidecars.send(.decision(decision), to: stored.sidecarID) }
        changes.notify()
        logger.info(
            "approval decided",
            metadata: [
                "approval": "\(id)", "state": "\(stored.state.rawValue)", "approver": "\(principal.subject)",
                "sidecar": "\(stored.sidecarID)",
            ])
        return stored
    }

    /// Closes what nobody decided in time.
    func expire() async throws {
        let now = store.clock()
        let due = try await store.read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM approvals WHERE state = 'pending' AND expires_us <= ?)",
                arguments: [now.microseconds]) ?? false
        }
        guard due else { return }
        let count = try await store.write { db in try ApprovalRows.expire(db, now: now) }
        if count > 0 { changes.notify() }
    }

    /// No reason that a person gives is longer, in characters.
    static let maximumReason = 1000
    /// No approval names more groups, and lists of them; a policy's are a handful.
    private static let maximumGroups = 256

    private static func isSound(_ request: PBApprovalRequest) -> Bool {
        (1...64).contains(request.approvalID.utf8.count)
            && request.approvalID.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            && request.groups.count + request.approverGroups.count
                + request.approverGroups.reduce(0) { $0 + $1.groups.count }
                <= maximumGroups
            && request.sessionID.count == 16 && request.binding.count == 32
    }
}

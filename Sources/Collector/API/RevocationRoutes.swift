import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import Logging
import UplinkProtocol

extension AuditAPI {
    func addRevocations(to v1: AuditRoutes) {
        v1.get("revocations") { request, context in
            _ = try context.require(.auditor, .admin)
            let parameters = try QueryParameters(request, allowed: ["lifted", "limit", "cursor"])
            let includeLifted = try parameters.boolean("lifted") ?? false
            let (limit, cursor) = (try parameters.limit, try parameters.cursor)
            let found = try await store.read {
                try RevocationRows.list($0, includeLifted: includeLifted, before: cursor, limit: limit + 1)
            }
            let next = found.count > limit ? QueryParameters.cursor(found[limit - 1].ordinal) : nil
            return try JSONBody.response(Page(items: found.prefix(limit).map(RevocationView.init), next: next))
        }
        v1.post("revocations") { request, context in
            let caller = try context.require(.admin)
            let body = try await JSONBody.decode(RevocationBody.self, from: request)
            return try await revoke(body, by: caller, context)
        }
        v1.delete("revocations/:id") { _, context in
            let caller = try context.require(.admin)
            return try await lift(context.parameters.get("id") ?? "", by: caller, context)
        }
    }

    private func revoke(_ body: RevocationBody, by caller: Principal, _ context: AuditContext) async throws -> Response
    {
        let subject = body.subject ?? ""
        let issuer = body.issuer ?? ""
        var session: [UInt8] = []
        if let text = body.sessionId {
            guard let bytes = Identifiers.bytes(uuid: text) else {
                throw Problem.badRequest("\"sessionId\" is not a UUID")
            }
            session = bytes
        }
        // One that names nothing would end every session there is.
        guard !subject.isEmpty || !issuer.isEmpty || !session.isEmpty else {
            throw Problem.badRequest("a revocation names a subject, an issuer or a session")
        }
        guard !body.reason.isEmpty, body.reason.count <= Approvals.maximumReason,
            max(subject.utf8.count, issuer.utf8.count) <= 512
        else {
            throw Problem.badRequest(
                "a revocation has a reason of 1 to \(Approvals.maximumReason) characters, and names of 512 bytes at most"
            )
        }
        let now = store.clock()
        let id = Identifiers.uuid(Identifiers.uuidv7(at: now))
        let stored = try await store.write { [session] db in
            try RevocationRows.add(
                db, id: id, subject: subject, issuer: issuer, sessionID: session, reason: body.reason,
                before: body.before?.seconds ?? 0, by: caller.subject, now: now)
        }
        guard let stored else { throw Problem.unavailable("the revocation was not stored") }
        sidecars.broadcast(.revocation(stored.message))
        changes.notify()
        context.logger.notice(
            "revocation issued",
            metadata: ["revocation": "\(id)", "admin": "\(caller.subject)", "subject": "\(subject)"])
        return try JSONBody.response(RevocationView(stored), status: .created)
    }

    private func lift(_ id: String, by caller: Principal, _ context: AuditContext) async throws -> Response {
        let now = store.clock()
        let (isLifted, found) = try await store.write { db in
            (try RevocationRows.lift(db, id: id, by: caller.subject, now: now), try RevocationRows.find(db, id: id))
        }
        guard let stored = found else { throw Problem.notFound("there is no revocation of this id") }
        if isLifted {
            sidecars.broadcast(.revocation(stored.message))
            changes.notify()
            context.logger.notice(
                "revocation lifted", metadata: ["revocation": "\(id)", "admin": "\(caller.subject)"])
        }
        return try JSONBody.response(RevocationView(stored))
    }
}

extension RevocationView {
    init(_ stored: RevocationRows.Stored) {
        self.init(
            id: stored.id, subject: stored.subject.nonEmpty, issuer: stored.issuer.nonEmpty,
            sessionId: Identifiers.uuid(stored.sessionID).nonEmpty, reason: stored.reason,
            before: Timestamp(unixSeconds: stored.before), created: stored.created, createdBy: stored.createdBy,
            lifted: stored.lifted, liftedBy: stored.liftedBy)
    }
}

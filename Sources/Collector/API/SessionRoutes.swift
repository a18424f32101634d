import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import NIOCore

extension AuditAPI {
    func addSessions(to v1: AuditRoutes) {
        v1.get("whoami") { _, context in
            guard let caller = context.caller else { throw Problem.unauthorized("send Authorization: Bearer TOKEN") }
            return try JSONBody.response(
                WhoAmIView(
                    subject: caller.subject, issuer: caller.issuer, groups: caller.groups.sorted(),
                    actors: caller.actors, roles: caller.roles.sorted { $0.rawValue < $1.rawValue },
                    expires: caller.expires))
        }
        v1.get("sidecars") { _, context in
            _ = try context.require(.auditor, .admin)
            let connected = sidecars.ids
            let items = try await store.read { try SidecarRows.list($0, connected: connected) }
            return try JSONBody.response(Page(items: items, next: nil))
        }
        v1.get("sessions") { request, context in
            _ = try context.require(.auditor, .admin)
            let parameters = try QueryParameters(
                request,
                allowed: [
                    "since", "until", "subject", "actor", "resource", "sidecar", "open", "findings", "limit", "cursor",
                ])
            var query = SessionQuery()
            query.since = try parameters.time("since")
            query.until = try parameters.time("until")
            query.subject = try parameters.text("subject")
            query.actor = try parameters.text("actor")
            query.resource = try parameters.text("resource")
            query.sidecar = try parameters.text("sidecar")
            query.open = try parameters.boolean("open")
            query.findings = try parameters.boolean("findings")
            let (limit, cursor) = (try parameters.limit, try parameters.cursor)
            let asked = query
            let found = try await store.read { try SessionQuery.fetch($0, asked, cursor: cursor, limit: limit + 1) }
            let next = found.count > limit ? QueryParameters.cursor(found[limit - 1].cursor) : nil
            return try JSONBody.response(Page(items: found.prefix(limit).map(\.view), next: next))
        }
        v1.get("sessions/:id") { _, context in
            _ = try context.require(.auditor, .admin)
            return try JSONBody.response(try await session(context))
        }
        v1.get("sessions/:id/records") { request, context in
            _ = try context.require(.auditor, .admin)
            let parameters = try QueryParameters(request, allowed: ["kind", "order", "limit", "cursor"])
            var query = RecordQuery()
            query.session = try await Identifiers.bytes(uuid: session(context).id)
            query.kind = try parameters.choice("kind", RecordKind.self)
            let order = try parameters.choice("order", PageOrder.self) ?? .oldest
            return try await recordPage(query, order, parameters)
        }
        v1.get("sessions/:id/verify") { _, context in
            _ = try context.require(.auditor, .admin)
            return try JSONBody.response(try await verify(try await session(context)))
        }
        v1.get("sessions/:id/export") { _, context in
            _ = try context.require(.auditor, .admin)
            return try await export(try await session(context))
        }
    }

    private func session(_ context: AuditContext) async throws -> SessionView {
        guard let text = context.parameters.get("id"), let id = Identifiers.bytes(uuid: text) else {
            throw Problem.badRequest("a session's id is a UUID")
        }
        guard let view = try await store.read({ try SessionQuery.find($0, id: id) }) else {
            throw Problem.notFound("there is no session \(Identifiers.uuid(id))")
        }
        return view
    }

    // MARK: The evidence itself

    /// Checks the stored bytes again from the first to the last, and adds what was found on arrival.
    private func verify(_ session: SessionView) async throws -> VerificationView {
        let id = Identifiers.bytes(uuid: session.id) ?? []
        return try await store.read { db in
            var verifier = SessionVerifier(
                sessionID: id, keys: try SidecarRows.verificationKeys(db, sidecarID: session.sidecarId))
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT raw FROM records WHERE session = (SELECT session FROM sessions WHERE session_id = ?)
                    ORDER BY sequence
                    """,
                arguments: [id.data])
            while let row = try rows.next() { verifier.add([UInt8](row[0] as Data)) }
            let findings = try FindingQuery.fetch(
                db, FindingQuery(session: id, open: true), order: .oldest, cursor: nil, limit: 1000)
            return verifier.finish(findings: findings.map(\.detail))
        }
    }

    /// JSON Lines: the session, its records byte for byte, and an end, so that a file cut short is seen as one.
    private func export(_ session: SessionView) async throws -> Response {
        let id = Identifiers.bytes(uuid: session.id) ?? []
        let keys = try await store.read { try SidecarRows.certificates($0, sidecarID: session.sidecarId) }
        let head = ExportLine.session(
            session, certificates: keys.map { Data($0.certificate).base64EncodedString() }, collector: collectorID,
            exported: store.clock())
        let first = try JSONBody.encode(head)
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/jsonl", .cacheControl: "no-store",
                .contentDisposition: "attachment; filename=\"\(session.id).jsonl\"",
            ],
            body: ResponseBody { writer in
                try await writer.write(ByteBuffer(bytes: first + [0x0A]))
                var after: Int64 = -1
                var count: Int64 = 0
                while true {
                    let from = after
                    let records = try await store.read { db in
                        try Row.fetchAll(
                            db,
                            sql: """
                                SELECT sequence, hash, raw FROM records
                                WHERE session = (SELECT session FROM sessions WHERE session_id = ?) AND sequence > ?
                                ORDER BY sequence LIMIT 64
                                """,
                            arguments: [id.data, from]
                        ).map { row in
                            ExportLine.record(
                                sequence: row[0], hash: Identifiers.hex(row[1] as Data),
                                bytes: (row[2] as Data).base64EncodedString())
                        }
                    }
                    guard let last = records.last?.sequence else { break }
                    after = last
                    count += Int64(records.count)
                    var buffer = ByteBuffer()
                    for record in records { buffer.writeBytes(try JSONBody.encode(record) + [0x0A]) }
                    try await writer.write(buffer)
                }
                try await writer.write(ByteBuffer(bytes: try JSONBody.encode(ExportLine.end(records: count)) + [0x0A]))
                try await writer.finish(nil)
            })
    }
}

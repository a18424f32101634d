import GRDB
import Hummingbird

extension AuditAPI {
    func addRecords(to v1: AuditRoutes) {
        v1.get("records") { request, context in
            _ = try context.require(.auditor, .admin)
            let parameters = try QueryParameters(
                request, allowed: Self.recordFilters.union(["order", "limit", "cursor"]))
            let order = try parameters.choice("order", PageOrder.self) ?? .newest
            return try await recordPage(try Self.recordQuery(parameters), order, parameters)
        }
        v1.get("records/:id") { _, context in
            _ = try context.require(.auditor, .admin)
            guard let text = context.parameters.get("id"), let id = Identifiers.bytes(uuid: text) else {
                throw Problem.badRequest("a record's id is a UUID")
            }
            var query = RecordQuery()
            query.id = id
            let asked = query
            let found = try await store.read {
                try RecordQuery.fetch($0, asked, order: .oldest, cursor: nil, limit: 1)
            }
            guard let record = found.first else { throw Problem.notFound("there is no record \(Identifiers.uuid(id))") }
            return try JSONBody.response(record)
        }
        v1.get("findings") { request, context in
            _ = try context.require(.auditor, .admin)
            let parameters = try QueryParameters(
                request, allowed: ["kind", "session", "open", "order", "limit", "cursor"])
            let query = FindingQuery(
                kind: try parameters.choice("kind", FindingKind.self), session: try parameters.uuid("session"),
                open: try parameters.boolean("open"))
            let order = try parameters.choice("order", PageOrder.self) ?? .newest
            let (limit, cursor) = (try parameters.limit, try parameters.cursor)
            let found = try await store.read {
                try FindingQuery.fetch($0, query, order: order, cursor: cursor, limit: limit + 1)
            }
            return try JSONBody.response(Page(found, limit: limit, position: \.id))
        }
    }

    static let recordFilters: Set<String> = [
        "since", "until", "subject", "actor", "resource", "verdict", "rule", "table", "classification", "approval",
        "text", "kind", "session",
    ]

    static func recordQuery(_ parameters: QueryParameters) throws -> RecordQuery {
        enum Verdict: String, CaseIterable { case allow, hold, deny }
        var query = RecordQuery()
        query.since = try parameters.time("since")
        query.until = try parameters.time("until")
        query.subject = try parameters.text("subject")
        query.actor = try parameters.text("actor")
        query.resource = try parameters.text("resource")
        query.verdict = try parameters.choice("verdict", Verdict.self)?.rawValue
        query.rule = try parameters.text("rule")
        query.table = try parameters.text("table")
        query.classification = try parameters.text("classification")
        query.approval = try parameters.text("approval")
        query.text = try parameters.text("text")
        query.kind = try parameters.choice("kind", RecordKind.self)
        query.session = try parameters.uuid("session")
        if let text = query.text, text.count < RecordQuery.minimumText {
            throw Problem.badRequest("\"text\" has at least \(RecordQuery.minimumText) characters")
        }
        return query
    }

    func recordPage(
        _ query: RecordQuery, _ order: PageOrder, _ parameters: QueryParameters
    ) async throws -> Response {
        let (limit, cursor) = (try parameters.limit, try parameters.cursor)
        let found = try await store.read {
            try RecordQuery.fetch($0, query, order: order, cursor: cursor, limit: limit + 1)
        }
        let position: (RecordView) -> Int64 = query.session == nil ? \.ordinal : \.sequence
        return try JSONBody.response(Page(found, limit: limit, position: position))
    }
}

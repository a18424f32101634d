import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import NIOCore

extension AuditAPI {
    /// What a stream of server-sent events tells of.
    enum Topic: String, CaseIterable {
        case records, approvals, findings
    }

    /// Server-sent events: what is new since a cursor, as it comes. The `id` of an event is the cursor to resume from, so
    /// a client that lost its connection misses nothing.
    func addEvents(to v1: AuditRoutes) {
        v1.get("events") { request, context in
            let parameters = try QueryParameters(request, allowed: Self.recordFilters.union(["topic", "cursor"]))
            let topic = try parameters.choice("topic", Topic.self) ?? .records
            let resume = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }.flatMap {
                Int64($0, radix: 36)
            }
            switch topic {
            case .records:
                let caller = try context.require(.auditor, .admin)
                let query = try Self.recordQuery(parameters)
                let start = try await cursor(parameters, resume, newest: "SELECT max(ordinal) FROM records")
                return stream(caller, topic, from: start) { db, cursor in
                    try RecordQuery.events(db, query, after: cursor, limit: 200).map {
                        ($0.ordinal, try JSONBody.encode($0))
                    }
                }
            case .approvals:
                let caller = try context.require(.approver, .auditor, .admin)
                let query = ApprovalQuery(
                    state: nil, groups: Self.visibleGroups(caller), session: try parameters.uuid("session"))
                let start = try await cursor(parameters, resume, newest: "SELECT max(change) FROM approvals")
                return stream(caller, topic, from: start) { db, cursor in
                    try ApprovalQuery.fetch(db, query, order: .oldest, cursor: cursor, limit: 200).map {
                        ($0.change, try JSONBody.encode(ApprovalView($0, for: caller)))
                    }
                }
            case .findings:
                let caller = try context.require(.auditor, .admin)
                let query = FindingQuery(session: try parameters.uuid("session"))
                let start = try await cursor(parameters, resume, newest: "SELECT max(finding) FROM findings")
                return stream(caller, topic, from: start) { db, cursor in
                    try FindingQuery.fetch(db, query, order: .oldest, cursor: cursor, limit: 200).map {
                        ($0.id, try JSONBody.encode($0))
                    }
                }
            }
        }
    }

    /// Where a stream begins: where the client left off, where it asks to, or now.
    private func cursor(_ parameters: QueryParameters, _ resume: Int64?, newest: String) async throws -> Int64 {
        if let resume { return resume }
        if let cursor = try parameters.cursor { return cursor }
        return try await store.read { db in try Int64.fetchOne(db, sql: newest) ?? 0 }
    }

    /// A proxy or a client that gives up on silence waits at least this long.
    private static let keepAlive: Duration = .seconds(10)

    private func stream(
        _ caller: Principal, _ topic: Topic, from start: Int64,
        fetch: @Sendable @escaping (Database, Int64) throws -> [(cursor: Int64, data: Data)]
    ) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                // Watched before the first look, so that nothing falls between the two.
                let ticks = Ticks(changes.watch(), every: Self.keepAlive)
                defer { ticks.cancel() }
                try await writer.write(ByteBuffer(string: ": stile\n\n"))
                var cursor = start
                for await tick in ticks.stream {
                    // A stream lives no longer than the token that opened it.
                    guard store.clock() < caller.expires else { break }
                    var isFresh = true
                    while isFresh {
                        let from = cursor
                        let events = try await store.read { db in try fetch(db, from) }
                        isFresh = !events.isEmpty
                        var buffer = ByteBuffer()
                        for event in events {
                            buffer.writeString(
                                "id: \(QueryParameters.cursor(event.cursor))\nevent: \(topic.rawValue)\ndata: ")
                            buffer.writeBytes(event.data)
                            buffer.writeString("\n\n")
                            cursor = event.cursor
                        }
                        if isFresh { try await writer.write(buffer) }
                    }
                    if tick == .timer { try await writer.write(ByteBuffer(string: ": \n\n")) }
                }
                try await writer.finish(nil)
            })
    }
}

/// Changes and the passing of time in one stream, which begins with a change.
private struct Ticks: Sendable {
    enum Tick: Sendable { case change, timer }

    let stream: AsyncStream<Tick>
    private let tasks: [Task<Void, Never>]

    init(_ changes: AsyncStream<Void>, every interval: Duration) {
        let (stream, continuation) = AsyncStream.makeStream(of: Tick.self, bufferingPolicy: .bufferingNewest(2))
        self.stream = stream
        continuation.yield(.change)
        tasks = [
            Task {
                for await _ in changes { continuation.yield(.change) }
                continuation.finish()
            },
            Task {
                while (try? await Task.sleep(for: interval)) != nil { continuation.yield(.timer) }
            },
        ]
    }

    func cancel() {
        for task in tasks { task.cancel() }
    }
}

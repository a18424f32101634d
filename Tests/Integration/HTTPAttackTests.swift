import Foundation
import TestKit
import Testing

/// Ways by which data has left through proxies of HTTP, from a table, each sent as bytes through a real sidecar with a service behind it
/// that answers as the table says.
///
/// Three things hold of each: the client got no sensitive byte in any form that turns back into it, nothing that is forbidden reached the
/// service, and a record says what happened.
@Suite("Attacks on HTTP", .serialized)
struct HTTPAttackTests {
    struct Technique: Decodable, Sendable {
        /// The threat's number; 0: none of the list's.
        var row: Int
        var name: String
        /// What the client may be answered; `nil`: anything.
        var status: [Int]?
        /// Whether the service may, and must, have heard of it; `nil`: either.
        var reaches: Bool?
        /// Texts that may not stand in what the client got, and that must.
        var absent: [String]?
        var present: [String]?
        /// It is refused before anybody knows who asks: its record is the session's.
        var unread: Bool?
    }

    private struct Answer: Decodable {
        var number: Int
        var statuses: [Int]
        var leaks: [String]
        var sent: [String]
        var reached: Bool
        var records: [String]
        var head: String
        var bytes: String?
        var upstream: String?
    }

    private static let table = AttackTable(name: "http")

    private static func techniques() throws -> [Technique] { try table.techniques() }

    @Test("every row of the list of threats is tried, with several variants") func coverage() throws {
        let counts = Dictionary(grouping: try Self.techniques(), by: \.row).mapValues(\.count)
        for row in 73...90 { #expect(counts[row, default: 0] >= 3, "row \(row)") }
    }

    @Test("nothing leaks, nothing forbidden reaches the service, and all of it is recorded") func attacks() async throws
    {
        let service = try LoopbackPort()
        let stack = try await StileStack(
            policy: ["policy.yaml": try Self.table.policy],
            values: ["service": "\(service.number)"])
        let techniques = try Self.techniques()
        let answers: [Answer] = try await Self.table.send(
            "http_attack.py", ["\(stack.port)", "\(service.number)"], environment: ["TOKEN": try await stack.token()])
        var told: Set<String> = []
        var judged: Set<Int> = []
        var refusedSessions = 0
        for answer in answers {
            let technique = techniques[answer.number]
            check(answer, technique)
            told.formUnion(answer.records)
            // A refusal's record is known by its id, everything else by its path.
            if technique.unread == true {
                refusedSessions += 1
            } else if answer.records.isEmpty {
                judged.insert(answer.number)
            }
        }
        try await Self.table.expectRecords(of: stack) { records in
            let ids = Set(records.items.compactMap { $0["id"] as? String })
            let texts = records.items.compactMap { ($0["statement"] as? [String: Any])?["text"] as? String }
            let refused = records.items.count { ($0["sessionOpened"] as? [String: Any])?["refused"] != nil }
            return told.subtracting(ids)
                + judged.filter { number in !texts.contains { $0.contains("/attack-\(number)") } }.map { "\($0)" }
                + (refused < refusedSessions ? ["\(refusedSessions - refused) refused sessions"] : [])
        }
        try await stack.stopAll()
    }

    private func check(_ answer: Answer, _ technique: Technique) {
        let place = Comment(rawValue: "\(technique.row) \(technique.name)")
        #expect(answer.leaks.isEmpty, "\(place): \(answer.leaks) in \(answer.bytes ?? "")")
        #expect(answer.sent.isEmpty, "\(place): \(answer.sent) in \(answer.upstream ?? "")")
        if let status = technique.status {
            #expect(answer.statuses.first.map(status.contains) == true, "\(place): \(answer.statuses)")
        }
        if let reaches = technique.reaches { #expect(answer.reached == reaches, "\(place)") }
        for text in technique.absent ?? [] { #expect(!answer.head.contains(text), "\(place): \(text)") }
        for text in technique.present ?? [] { #expect(answer.head.contains(text), "\(place): \(text)") }
    }
}

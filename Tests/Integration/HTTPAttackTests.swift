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
    struct Table: Decodable, Sendable {
        var techniques: [Technique]
    }

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

    private static let folder =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Attacks").path

    private static func techniques() throws -> [Technique] {
        let text = try String(contentsOfFile: folder + "/http.json", encoding: .utf8)
        return try JSONDecoder().decode(Table.self, from: Data(text.utf8)).techniques
    }

    @Test("every row of the list of threats is tried, with several variants") func coverage() throws {
        let counts = Dictionary(grouping: try Self.techniques(), by: \.row).mapValues(\.count)
        for row in 73...90 { #expect(counts[row, default: 0] >= 3, "row \(row)") }
    }

    @Test("nothing leaks, nothing forbidden reaches the service, and all of it is recorded") func attacks() async throws
    {
        let service = try LoopbackPort()
        let stack = try await StileStack(
            policy: ["policy.yaml": try String(contentsOfFile: Self.folder + "/http.yaml", encoding: .utf8)],
            values: ["service": "\(service.number)"])
        let techniques = try Self.techniques()
        var environment = ["TOKEN": try await stack.token()]
        if let only = ProcessInfo.processInfo.environment["STILE_ATTACK"] { environment["ONLY"] = only }
        let result = try await Command.run(
            [
                Products.python, Self.folder + "/http_attack.py", Self.folder + "/http.json", "\(stack.port)",
                "\(service.number)",
            ], environment: environment, within: .seconds(300))
        #expect(result.status == 0, "\(result.errors)")
        var told: Set<String> = []
        var judged: Set<Int> = []
        var refusedSessions = 0
        for line in result.output.split(separator: "\n") {
            let answer = try JSONDecoder().decode(Answer.self, from: Data(line.utf8))
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
        try await expectRecords(stack, told: told, judged: judged, refusedSessions: refusedSessions)
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

    private func expectRecords(
        _ stack: StileStack, told: Set<String>, judged: Set<Int>, refusedSessions: Int
    ) async throws {
        var text = Data()
        var missing: [String] = []
        do {
            try await eventually("the records are there", within: .seconds(20)) {
                let (ids, texts, refused, all) = try await Self.evidence(of: stack)
                text = all
                missing = told.subtracting(ids).sorted()
                missing += judged.filter { number in !texts.contains { $0.contains("/attack-\(number)") } }.map {
                    "\($0)"
                }
                if refused < refusedSessions { missing.append("\(refusedSessions - refused) refused sessions") }
                return missing.isEmpty
            }
        } catch {
            Issue.record("no record of \(missing.prefix(40))")
        }
        try text.write(to: URL(fileURLWithPath: stack.folder["records.json"]))
        let leaks = try await Command.run([
            "sh", "-c", "\"$0\" \"$1/forms.py\" \"$1/http.json\" < \"$2\"", Products.python, Self.folder,
            stack.folder["records.json"],
        ])
        #expect(leaks.status == 0, "\(leaks.errors)")
        #expect(leaks.output.isEmpty, "in the records: \(leaks.output)")
    }

    /// The ids of all records, the texts of all that was judged, and everything as it was served.
    private static func evidence(of stack: StileStack) async throws -> (
        ids: Set<String>, texts: Set<String>, refused: Int, all: Data
    ) {
        let auditor = try await stack.auditToken(groups: ["auditors"])
        var (ids, texts, refused, all) = (Set<String>(), Set<String>(), 0, Data())
        var cursor: String?
        repeat {
            let path = "/v1/records?limit=500" + (cursor.map { "&cursor=\($0)" } ?? "")
            guard let page = try await StileStack.get(port: stack.httpPort, path: path, token: auditor),
                let object = try JSONSerialization.jsonObject(with: Data(page.body.utf8)) as? [String: Any]
            else { break }
            for item in object["items"] as? [[String: Any]] ?? [] {
                if let id = item["id"] as? String { ids.insert(id) }
                if (item["sessionOpened"] as? [String: Any])?["refused"] != nil { refused += 1 }
                if let statement = item["statement"] as? [String: Any], let text = statement["text"] as? String {
                    texts.insert(text)
                }
            }
            all += Data(page.body.utf8)
            cursor = object["next"] as? String
        } while cursor != nil
        return (ids, texts, refused, all)
    }
}

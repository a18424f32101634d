import Foundation
import Records
import SwiftProtobuf

@testable import Collector

/// Records of many sessions as agents leave them: mostly alike, in an order that repeats with the seed.
struct RandomRecords {
    var generator: SeededGenerator
    private var chains: [SessionChain] = []
    private var numbers: [UInt64] = []
    private var time: Int64 = 1_800_000_000_000_000
    private static let people = ["ann", "bob", "cid"]
    private static let resources = ["customers-db", "billing"]
    static let statements = [
        "SELECT name FROM shop.customers WHERE id = $1", "SELECT Übersicht FROM shop.orders", "select 1",
        "UPDATE shop.orders SET state = 'sent' WHERE id = $1", "SELECT \"odd\" FROM clinic.visits", "",
    ]
    static let rules = ["assistants-read", "no-bulk-reads", "ask-first"]
    static let objects = ["shop.customers", "shop.orders", "clinic.visits", "pg_catalog.pg_class", "/api/orders"]
    static let classifications = ["pii", "cards", "health"]
    static let parameters = ["4711", "0815", "ann@stile.test", "7", "Straße 12", "shop"]

    init(seed: UInt64, sessions: Int = 5) throws {
        generator = SeededGenerator(state: seed)
        for index in 0..<sessions {
            // The last two began in the same moment.
            let start = time + Int64(min(index, sessions - 2)) * 1_000
            chains.append(SessionChain(sessionID: RecordID(at: start, using: &generator)))
            numbers.append(0)
        }
    }

    mutating func opening() throws -> [[UInt8]] {
        try chains.indices.map { index in
            try seal(
                .sessionOpened(
                    .with {
                        $0.subject.id = Self.people[index % Self.people.count]
                        $0.subject.issuer = "https://login.stile.test"
                        $0.subject.actors = index.isMultiple(of: 2) ? ["assistant"] : []
                        $0.resource = Self.resources[index % Self.resources.count]
                        $0.client = "psql"
                    }), in: index)
        }
    }

    mutating func next() throws -> [UInt8] {
        let index = Int.random(in: chains.indices, using: &generator)
        numbers[index] += 1
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: return try seal(.statement(judged(index)), in: index)
        case 1:
            let masks = masks()
            return try seal(
                .completed(
                    .with {
                        $0.statement = numbers[index]
                        $0.masks = masks
                    }), in: index)
        case 2:
            let reason = pick(["looks fine", "not today", ""])
            let approval = approval()
            return try seal(
                .approvalAnswered(
                    .with {
                        $0.statement = numbers[index]
                        $0.approvalID = approval
                        $0.reason = reason
                    }), in: index)
        default:
            let (judged, masks) = (judged(index), masks())
            return try seal(
                .statementRun(
                    .with {
                        $0.judged = judged
                        $0.judged.outcome = .allow
                        $0.completed.masks = masks
                    }), in: index)
        }
    }

    private mutating func judged(_ index: Int) -> PBStatementJudged {
        var judged = PBStatementJudged()
        judged.statement = numbers[index]
        judged.text = pick(Self.statements)
        // Few are rare, as a literal in a statement makes them.
        if Int.random(in: 0..<8, using: &generator) == 0 {
            judged.text += " -- \(Int.random(in: 0..<10_000, using: &generator))"
        }
        judged.outcome = pick([.allow, .allow, .hold, .deny])
        judged.rules = [pick(Self.rules)]
        judged.objects =
            Bool.random(using: &generator) ? [pick(Self.objects)] : [pick(Self.objects), pick(Self.objects)]
        if Int.random(in: 0..<40, using: &generator) == 0 { judged.rules.append("rare-rule") }
        if Int.random(in: 0..<6, using: &generator) == 0 { judged.observedRules = [pick(Self.rules)] }
        if Int.random(in: 0..<6, using: &generator) == 0 { judged.classifications = [pick(Self.classifications)] }
        if Int.random(in: 0..<3, using: &generator) == 0 { judged.parameters = [pick(Self.parameters)] }
        if judged.outcome == .deny { judged.message = pick(["denied by policy", "ask the clinic"]) }
        if judged.outcome == .hold { judged.approvalID = approval() }
        return judged
    }

    private mutating func masks() -> [PBMaskApplied] {
        guard Int.random(in: 0..<4, using: &generator) == 0 else { return [] }
        let classification = pick(Self.classifications)
        return [
            .with {
                $0.column = "c"
                $0.classification = classification
                $0.values = 1
            }
        ]
    }

    private mutating func approval() -> String { "approval-\(Int.random(in: 0..<20, using: &generator))" }

    mutating func pick<Element>(_ items: [Element]) -> Element {
        items[Int.random(in: items.indices, using: &generator)]
    }

    private mutating func seal(_ event: PBRecord.OneOf_Event, in index: Int) throws -> [UInt8] {
        time += Int64.random(in: 1...1_000, using: &generator)
        let id = Int.random(in: 0..<4, using: &generator) == 0 ? RecordID(at: time, using: &generator) : nil
        return try chains[index].seal(event, id: id, time: time).bytes
    }

    /// A search of some of what records have.
    mutating func query(sessions: [[UInt8]], ids: [[UInt8]]) -> RecordQuery {
        var query = RecordQuery()
        func sometimes(_ odds: Int) -> Bool { Int.random(in: 0..<odds, using: &generator) == 0 }
        if sometimes(3) { query.rule = pick(Self.rules + ["rare-rule", "no-such-rule"]) }
        if sometimes(3) {
            query.table = pick(["shop.customers", "orders", "visits", "pg_class", "/api/orders", "none"])
        }
        if sometimes(4) { query.classification = pick(Self.classifications) }
        if sometimes(8) { query.approval = "approval-\(Int.random(in: 0..<22, using: &generator))" }
        if sometimes(3) {
            query.text = pick([
                "SELECT", "customers", "übersicht", "471", "ann@", "straße", "denied", "clinic", "\"odd\"", "psql",
                "-- 1",
                "nowhere", "not today", "shop",
            ])
        }
        if sometimes(6) { query.verdict = pick(["allow", "hold", "deny"]) }
        if sometimes(8) { query.kind = pick(RecordKind.allCases) }
        if sometimes(8) { query.subject = pick(Self.people) }
        if sometimes(8) { query.actor = "assistant" }
        if sometimes(8) { query.resource = pick(Self.resources) }
        if sometimes(8) {
            query.since = Timestamp(microseconds: .random(in: 1_800_000_000_000_000...time, using: &generator))
        }
        if sometimes(8) {
            query.until = Timestamp(microseconds: .random(in: 1_800_000_000_000_000...time, using: &generator))
        }
        if sometimes(10) { query.session = pick(sessions) }
        if sometimes(20) { query.id = pick(ids) }
        return query
    }
}

/// xorshift64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

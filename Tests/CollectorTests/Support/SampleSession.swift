import Foundation
import Records
import SwiftProtobuf

/// A session as a sidecar writes it: opened, two statements, closed.
struct SampleSession {
    let id: RecordID
    private(set) var chain: SessionChain
    private(set) var records: [SealedRecord] = []
    private var time: Int64

    var bytes: [[UInt8]] { records.map(\.bytes) }
    var uuid: String { id.description }

    init(start: Int64 = 1_800_000_000_000_000, subject: String = "ann", actors: [String] = ["assistant"]) throws {
        id = RecordID(at: start)
        chain = SessionChain(sessionID: id)
        time = start
        try add(
            .sessionOpened(
                .with {
                    $0.subject.id = subject
                    $0.subject.issuer = "https://login.stile.test"
                    $0.subject.groups = ["support"]
                    $0.subject.actors = actors
                    $0.resource = "customers-db"
                    $0.protocol = "postgres"
                    $0.client = "psql"
                }))
    }

    mutating func add(_ event: PBRecord.OneOf_Event) throws {
        time += 1_000
        records.append(try chain.seal(event, id: RecordID(at: time), time: time))
    }

    mutating func addStatement(
        _ number: UInt64, _ text: String, outcome: PBOutcome = .allow, rules: [String] = ["assistants-read"],
        objects: [String] = ["shop.customers"], approval: String = ""
    ) throws {
        try add(
            .statement(
                .with {
                    $0.statement = number
                    $0.text = text
                    $0.outcome = outcome
                    $0.rules = rules
                    $0.objects = objects
                    $0.approvalID = approval
                }))
        guard outcome == .allow else { return }
        try add(
            .completed(
                .with {
                    $0.statement = number
                    $0.tag = "SELECT 3"
                    $0.rows = 3
                    $0.bytes = 120
                    $0.masks = [
                        .with {
                            $0.column = "ssn"
                            $0.classification = "pii"
                            $0.mask = "redact"
                            $0.values = 3
                        }
                    ]
                }))
    }

    /// A statement that was judged, ran and ended in one record, which carries no id.
    mutating func addRun(_ number: UInt64, _ text: String) throws {
        time += 1_000
        records.append(
            try chain.seal(
                .statementRun(
                    .with {
                        $0.judged.statement = number
                        $0.judged.text = text
                        $0.judged.outcome = .allow
                        $0.judged.rules = ["assistants-read"]
                        $0.judged.objects = ["shop.orders"]
                        $0.completed.tag = "SELECT 2"
                        $0.completed.rows = 2
                        $0.completed.bytes = 80
                        $0.completed.masks = [
                            .with {
                                $0.column = "card"
                                $0.classification = "cards"
                                $0.mask = "keepLast"
                                $0.values = 2
                            }
                        ]
                    }), id: nil, time: time))
    }

    mutating func close(_ signer: SessionSigner) throws {
        time += 1_000
        records.append(
            try chain.close(
                reason: "client went", statements: 2, rows: 3, id: RecordID(at: time), time: time, signer: signer))
    }

    /// Opened, an allowed and a denied statement, closed.
    static func complete(
        _ signer: SessionSigner, subject: String = "ann", start: Int64 = 1_800_000_000_000_000
    ) throws -> SampleSession {
        var session = try SampleSession(start: start, subject: subject)
        try session.addStatement(1, "SELECT ssn FROM shop.customers WHERE id = 7")
        try session.addStatement(
            2, "SELECT * FROM clinic.visits", outcome: .deny, rules: ["no-bulk-reads"], objects: ["clinic.visits"])
        try session.close(signer)
        return session
    }
}

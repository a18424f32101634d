import Enforcement
import PostgresWire

/// What a client sends for a transaction, and what the server answers, as `pgbench -S` has it.
struct Conversation {
    let name: String
    /// Transactions that differ in their values, sent one after the other and again from the beginning.
    let requests: [[UInt8]]
    let answer: [UInt8]
    /// Sent once, before.
    var preparation: (request: [UInt8], answer: [UInt8])?

    static let all = [simple, sameText, extended, prepared]

    private static let columns = [
        FieldDescription(
            name: Array("abalance".utf8), tableOID: 16_385, attributeNumber: 3, typeOID: 23, typeSize: 4)
    ]
    private static let row = BackendMessage.dataRow([Array("-4711".utf8)])
    private static let accounts = stride(from: 1, through: 99_991, by: 7).map { $0 }

    private static func query(_ account: Int) -> FrontendMessage {
        .query(Array("SELECT abalance FROM pgbench_accounts WHERE aid = \(account);".utf8))
    }

    private static let answerToQuery = bytes(
        .rowDescription(columns), row, .commandComplete(Array("SELECT 1".utf8)), .readyForQuery(.idle))

    /// Every transaction has another literal.
    private static let simple = Conversation(
        name: "simple", requests: accounts.map { query($0).encoded }, answer: answerToQuery)

    private static let sameText = Conversation(
        name: "simple, one text", requests: [query(4_711).encoded], answer: answerToQuery)

    private static let text = Array("SELECT abalance FROM pgbench_accounts WHERE aid = $1;".utf8)

    private static func execution(of statement: String, _ account: Int) -> [UInt8] {
        [
            FrontendMessage.bind(
                .init(
                    portal: [], statement: Array(statement.utf8), parameters: [Array("\(account)".utf8)],
                    resultFormats: [.text])),
            .describe(.portal, []), .execute(portal: [], maximum: 0), .sync,
        ].flatMap(\.encoded)
    }

    private static let extended = Conversation(
        name: "extended",
        requests: accounts.map { account in
            FrontendMessage.parse(name: [], text: text, types: []).encoded + execution(of: "", account)
        },
        answer: bytes(
            .parseComplete, .bindComplete, .rowDescription(columns), row, .commandComplete(Array("SELECT 1".utf8)),
            .readyForQuery(.idle)))

    private static let prepared = Conversation(
        name: "prepared", requests: accounts.map { execution(of: "P_0", $0) },
        answer: bytes(
            .bindComplete, .rowDescription(columns), row, .commandComplete(Array("SELECT 1".utf8)),
            .readyForQuery(.idle)),
        preparation: (
            [FrontendMessage.parse(name: Array("P_0".utf8), text: text, types: []), .sync].flatMap(\.encoded),
            bytes(.parseComplete, .readyForQuery(.idle))
        ))

    static func bytes(_ messages: BackendMessage...) -> [UInt8] { messages.flatMap(\.encoded) }
}

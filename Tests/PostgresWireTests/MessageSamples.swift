import PostgresWire

/// Messages of every kind, for whoever tests something of all.
enum MessageSamples {
    static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    static let frontend: [FrontendMessage] = [
        .query(bytes("SELECT 'é'")), .query([]), .parse(name: bytes("s"), text: bytes("SELECT $1"), types: [25, 0]),
        .parse(name: [], text: [], types: []),
        .bind(
            .init(
                portal: bytes("p"), statement: bytes("s"), parameterFormats: [.binary, .text],
                parameters: [[1, 0, 2], nil], resultFormats: [.binary])),
        .bind(.init(portal: [], statement: [])), .describe(.statement, bytes("s")), .describe(.portal, []),
        .execute(portal: [], maximum: 50), .close(.portal, bytes("p")), .flush, .sync, .terminate,
        .functionCall([0, 1, 2]), .copyData([0, 255]), .copyData([]), .copyDone, .copyFail(bytes("no")),
        .password(bytes("secret") + [0]),
    ]

    static let backend: [BackendMessage] = [
        .authentication(.ok), .authentication(.cleartext), .authentication(.md5(salt: [1, 2, 3, 4])),
        .authentication(.sasl(mechanisms: ["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"])),
        .authentication(.saslContinue(bytes("r=1"))), .authentication(.saslFinal(bytes("v=1"))),
        .authentication(.other(code: 7, [])), .backendKeyData(processID: 9, secret: [1, 2, 3, 4]), .bindComplete,
        .closeComplete, .commandComplete(bytes("SELECT 1")), .copyData([9, 0]), .copyDone,
        .copyIn(.init(format: .text, columns: [.text])), .copyOut(.init(format: .binary, columns: [.binary, .binary])),
        .copyBoth(.init(format: .text, columns: [])), .dataRow([[49], nil, []]), .dataRow([]), .emptyQueryResponse,
        .errorResponse(.init(severity: "ERROR", sqlState: "42501", message: "no", hint: "ask")),
        .functionCallResponse([1]), .functionCallResponse(nil),
        .negotiateProtocolVersion(minor: 0, unknown: [bytes("_pq_.x")]), .noData,
        .noticeResponse(.init(severity: "NOTICE", sqlState: "00000", message: "well")),
        .notification(processID: 4, channel: bytes("c"), payload: bytes("p")), .parameterDescription([23]),
        .parameterStatus(name: bytes("TimeZone"), value: bytes("UTC")), .parseComplete, .portalSuspended,
        .readyForQuery(.idle), .readyForQuery(.inTransaction), .readyForQuery(.failed),
        .rowDescription([
            FieldDescription(name: bytes("ssn"), tableOID: 16_400, attributeNumber: 3, typeOID: 25, format: .binary)
        ]), .rowDescription([]),
    ]
}

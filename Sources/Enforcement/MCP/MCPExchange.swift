import HTTPInspection
import Policy

/// What an exchange with an MCP server knows besides what any exchange does.
final class MCPExchange {
    /// As it goes to the server: to its endpoint, whatever the client's target was.
    var head: HTTPRequestHead?
    var message: MCPMessage?
    /// Method, name and arguments in one form, for what an approval is bound to.
    var asked: [UInt8]?
    /// What the client was given to carry back, if it did.
    var state: String?
    /// It may be asked things in answers (revision 2026-07-28, elicitation).
    var takesInput = false
    /// The beginning of the arguments, masked.
    var recordedArguments: [String] = []
    /// What a refusal is in JSON-RPC; by its status where nothing is said.
    var failureCode: MCPFault.Code?
    /// What asks a client to come back in the answer itself, but for the record.
    private var input: ((_ record: String) -> ArgumentValue)?

    /// Fields that a session of the protocol's has of its own, and what a client takes.
    static func isOfOneSession(_ name: ArraySlice<UInt8>) -> Bool {
        name.isSpelled("mcp-session-id") || name.isSpelled("last-event-id")
    }

    /// Prepares to ask a client to come back: in the answer itself, where it takes that.
    func prepareInput(_ verdict: Verdict, approvalID: String, state: String?) {
        guard takesInput, let state else { return }
        input = { MCPExchange.input(verdict, approvalID: approvalID, state: state, record: $0) }
    }

    /// An `InputRequiredResult` (2026-07-28, Multi Round-Trip Requests): the client asks its user to go on, and asks the same again.
    static func input(_ verdict: Verdict, approvalID: String, state: String, record: String) -> ArgumentValue {
        func object(_ members: KeyValuePairs<String, ArgumentValue>) -> ArgumentValue {
            .object(members.map { .init(name: $0.key, value: $0.value) })
        }
        let text =
            (verdict.message.map { "\($0) " } ?? "")
            + "This needs an approval, which was asked for (\(approvalID)). Go on once it is given."
        let params = object([
            "mode": .string("form"), "message": .string(text),
            "requestedSchema": object(["type": .string("object"), "properties": .empty]),
        ])
        let question = object(["method": .string("elicitation/create"), "params": params])
        return object([
            "resultType": .string("input_required"), "inputRequests": object([inputName: question]),
            "requestState": .string(state), "_meta": object(["stile/record": .string(record)]),
        ])
    }

    /// The session's own question among those of an answer.
    static let inputName = "stile-approval"

    /// A refusal as the client of a message gets it; `nil` where that is HTTP's affair: who asks is not known, or nothing was asked.
    func error(of problem: HTTPProblem) -> MCPRefusal? {
        guard ![401, 408, 421].contains(problem.status) else { return nil }
        // Nobody waits for an answer to a notification.
        if let message, message.id == nil { return nil }
        guard message != nil || failureCode != nil else { return nil }
        if let input, let id = message?.id {
            let result = input(problem.record ?? "")
            return MCPRefusal(status: 200, body: MCPEnvelope.bytes([("id", id.json), ("result", result.json)]))
        }
        let code = failureCode ?? (problem.status >= 500 ? .unavailable : .denied)
        let body = MCPErrorMessage(
            id: message?.id, code: code, message: problem.detail, hint: problem.hint, record: problem.record,
            approval: problem.approval
        ).bytes
        // Clients take an answer with a status of failure for one of the connection's, and some wait for ever for that of their request.
        let isOfTransport = message == nil || [.headerMismatch, .unsupportedVersion].contains(code)
        return MCPRefusal(status: isOfTransport ? (problem.status == 403 ? 400 : problem.status) : 200, body: body)
    }
}

/// What a client gets in a server's place.
struct MCPRefusal {
    var status: Int
    var body: [UInt8]

    func write(closes: Bool, into output: inout [UInt8]) {
        output += "HTTP/1.1 \(status) \(HTTPStatus.reason(of: status))\r\n".utf8
        output += "Content-Type: application/json\r\nCache-Control: no-store\r\n".utf8
        if closes { output += "Connection: close\r\n".utf8 }
        output += "Content-Length: \(body.count)\r\n\r\n".utf8
        output += body
    }
}

import Policy

/// One JSON-RPC message, read strictly: what is passed on is written anew from it.
struct MCPMessage {
    enum Kind {
        case request(id: ArgumentValue, method: String)
        case notification(method: String)
        /// An answer to a request; of an error, what went wrong.
        case result(id: ArgumentValue, ArgumentValue)
        case error(id: ArgumentValue?, ArgumentValue)
    }

    private(set) var kind: Kind
    /// An object.
    var params: ArgumentValue?

    /// - Parameter isOfClient: A client's message has no members but the protocol's: what a server makes of others is not known.
    /// - Throws: for what is no message. It quotes nothing of it.
    init(_ bytes: [UInt8], isOfClient: Bool) throws(MCPFault) {
        let value: ArgumentValue
        do throws(DocumentFault) { value = try ArgumentValue(json: bytes) } catch {
            throw MCPFault(code: .parse, "The message cannot be taken: \(error.reason).")
        }
        if case .array = value {
            throw MCPFault(code: .invalidRequest, "Batches are not taken: send each message alone.")
        }
        guard case .object(let members) = value, value["jsonrpc"]?.stringValue == "2.0" else {
            throw MCPFault(code: .invalidRequest, "The message is none of JSON-RPC 2.0.")
        }
        let known: Set<String> = ["jsonrpc", "id", "method", "params", "result", "error"]
        if isOfClient, !members.allSatisfy({ known.contains($0.name) }) {
            throw MCPFault(code: .invalidRequest, "The message has members that JSON-RPC does not know.")
        }
        let id = value["id"]
        if let id, !MCPMessage.isID(id), isOfClient || value["error"] == nil {
            throw MCPFault(code: .invalidRequest, "The message's id is neither text nor a whole number.")
        }
        params = value["params"]
        if let params, params.members == nil {
            throw MCPFault(code: .invalidRequest, "The message's params are no object.", id: id)
        }
        switch (value["method"], value["result"], value["error"]) {
        case (.string(let method)?, nil, nil):
            kind = id.map { .request(id: $0, method: method) } ?? .notification(method: method)
        case (nil, let result?, nil) where id != nil && params == nil:
            kind = .result(id: id ?? .null, result)
        case (nil, nil, let error?) where params == nil && error.members != nil:
            kind = .error(id: id.flatMap { MCPMessage.isID($0) ? $0 : nil }, error)
        default:
            throw MCPFault(code: .invalidRequest, "The message is no request, no notification and no response.", id: id)
        }
    }

    private static func isID(_ value: ArgumentValue) -> Bool {
        switch value {
        case .string(let text): text.utf8.count <= MCPLimits.id
        case .number(let text): text.utf8.count <= 20 && text.utf8.allSatisfy { 0x30...0x39 ~= $0 || $0 == 0x2D }
        default: false
        }
    }

    var method: String? {
        switch kind {
        case .request(_, let method), .notification(let method): method
        case .result, .error: nil
        }
    }

    /// What it says besides its params or its result: a method, and an id.
    var ownTexts: [String] {
        let id: ArgumentValue? =
            switch kind {
            case .request(let id, _), .result(let id, _): id
            case .error(let id, _): id
            case .notification: nil
            }
        var texts = method.map { [$0] } ?? []
        switch id {
        case .string(let text)?, .number(let text)?: texts.append(text)
        default: break
        }
        return texts
    }

    /// Of a request.
    var id: ArgumentValue? {
        if case .request(let id, _) = kind { id } else { nil }
    }

    /// The message with other params, or another result: JSON.
    func replacing(_ json: [UInt8]) throws(MCPFault) -> MCPMessage {
        guard let value = try? ArgumentValue(json: json), value.members != nil else {
            throw MCPFault(code: .invalidRequest, "The message cannot be masked.", id: id)
        }
        var message = self
        if case .result(let id, _) = kind {
            message.kind = .result(id: id, value)
        } else if case .error(let id, _) = kind {
            message.kind = .error(id: id, value)
        } else if params != nil {
            message.params = value
        }
        return message
    }

    /// Takes out what a client was given to carry by the session itself, which the server has never heard of.
    mutating func takeState() -> String? {
        guard case .object(var members)? = params,
            let state = params?["requestState"]?.stringValue, state.hasPrefix(MCPRequestStates.prefix)
        else { return nil }
        members.removeAll { $0.name == "requestState" }
        for index in members.indices.reversed() where members[index].name == "inputResponses" {
            let rest = (members[index].value.members ?? []).filter { $0.name != MCPExchange.inputName }
            if rest.isEmpty { members.remove(at: index) } else { members[index].value = .object(rest) }
        }
        params = .object(members)
        return state
    }

    /// Its client may be asked things in answers (revision 2026-07-28).
    var takesInput: Bool {
        params?["_meta"]?["io.modelcontextprotocol/clientCapabilities"]?["elicitation"] != nil
    }

    /// What it asks for, in one form: without its id and the notes of one try, which are others each time.
    var asked: [UInt8] {
        var asked = params ?? .empty
        if case .object(let members) = asked {
            asked = .object(
                members.compactMap { member in
                    guard member.name == "_meta" else { return member }
                    let notes: Set<String> = ["progressToken", "traceparent", "tracestate", "baggage"]
                    let kept = (member.value.members ?? []).filter {
                        !notes.contains($0.name) && !$0.name.hasPrefix("io.modelcontextprotocol/")
                    }
                    return kept.isEmpty ? nil : ArgumentValue.Member(name: "_meta", value: .object(kept))
                })
        }
        if case .result(_, let result) = kind { asked = result }
        return Array((method ?? "").utf8) + [0] + asked.canonicalJSON
    }

    /// The message, written anew.
    var bytes: [UInt8] {
        var members = [ArgumentValue.Member(name: "jsonrpc", value: .string("2.0"))]
        func add(_ name: String, _ value: ArgumentValue?) {
            if let value { members.append(.init(name: name, value: value)) }
        }
        switch kind {
        case .request(let id, let method):
            add("id", id)
            add("method", .string(method))
            add("params", params)
        case .notification(let method):
            add("method", .string(method))
            add("params", params)
        case .result(let id, let result):
            add("id", id)
            add("result", result)
        case .error(let id, let error):
            add("id", id)
            add("error", error)
        }
        return ArgumentValue.object(members).json
    }
}

/// Bounds of what is held of messages, and why so much.
enum MCPLimits {
    /// Bytes of a client's message, which is judged whole: what is held of any request's body.
    static let request = HTTPLaneLimits.heldBody
    /// Bytes of a server's message, which is looked at whole: a list of a thousand tools with schemas of 4 KiB.
    static let message = 4 << 20
    /// Bytes of an id: SDKs count, or take a UUID.
    static let id = 128
    /// Bytes of a tool's name, a prompt's or a resource's URI.
    static let name = 2_048
}

/// Why a message does not pass, as JSON-RPC says it.
struct MCPFault: Error {
    enum Code: Int {
        case parse = -32_700
        case invalidRequest = -32_600
        case invalidParams = -32_602
        /// Revision 2026-07-28: a header that is not what the body says.
        case headerMismatch = -32_020
        case unsupportedVersion = -32_022
        /// Policy denies it. The numbers of the lane's own lie outside of what JSON-RPC and MCP keep for themselves.
        case denied = -31_001
        /// Somebody must approve it first.
        case approvalNeeded = -31_002
        /// The server behind the sidecar cannot be reached, or answered what cannot be passed on.
        case unavailable = -31_003
    }

    var code: Code
    var message: String
    var id: ArgumentValue?

    init(code: Code, _ message: String, id: ArgumentValue? = nil) {
        self.code = code
        self.message = message
        self.id = id
    }
}

/// An error as a client gets it.
struct MCPErrorMessage {
    var id: ArgumentValue?
    var code: MCPFault.Code
    var message: String
    var hint: String?
    var record: String?
    var approval = ""

    var bytes: [UInt8] {
        var data: [ArgumentValue.Member] = []
        if let record { data.append(.init(name: "record", value: .string(record))) }
        if !approval.isEmpty { data.append(.init(name: "approval", value: .string(approval))) }
        if let hint { data.append(.init(name: "hint", value: .string(hint))) }
        if code == .unsupportedVersion {
            data.append(.init(name: "supported", value: .array(MCPRevision.known.map { .string($0) })))
        }
        var error: [ArgumentValue.Member] = [
            .init(name: "code", value: .number("\(code.rawValue)")), .init(name: "message", value: .string(message)),
        ]
        if !data.isEmpty { error.append(.init(name: "data", value: .object(data))) }
        return ArgumentValue.object([
            .init(name: "jsonrpc", value: .string("2.0")), .init(name: "id", value: id ?? .null),
            .init(name: "error", value: .object(error)),
        ]).json
    }
}

/// The revisions of the protocol that are known here.
enum MCPRevision {
    static let known = ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"]
    /// The first without a handshake: each request says all that it needs.
    static let stateless = "2026-07-28"

    static func isStateless(_ revision: String) -> Bool { revision == stateless }
}

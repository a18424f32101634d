import Policy

/// What becomes of one message of a server's.
enum MCPPassage {
    /// It goes on as this. The last says that it is the answer that was waited for.
    case pass([UInt8], isAnswer: Bool)
    /// It goes nowhere.
    case dropped
    /// The client gets this error in place of the answer, and nothing after it.
    case end([UInt8], reason: String)
}

/// Something that a server sent and that records tell of.
struct MCPNotice {
    var text: String
    var isAllowed: Bool
    var message: String
    var features: Features = []
    var objects: [String] = []
}

/// Takes a server's messages in answer to one request, or on a stream that answers none: masked, filtered, and what policy does not vouch
/// for kept from the client.
final class MCPAnswers {
    /// What policy says of things that lists show, and of what servers ask.
    struct Judge {
        var shows: (_ kind: String, _ name: String, Features) -> Bool
        var vouchesServerRequests: () -> Bool
    }

    /// The request that is answered; `nil`: the stream of a GET, or what answers a notification.
    let id: ArgumentValue?
    let method: String
    private let judge: Judge
    private let plan: BodyMaskingPlan
    private let pins: ToolPins
    /// Counts what is shown; `nil`: nothing counts.
    private let meter: AnswerMeter?
    private var listed: UInt64 = 0
    private(set) var found = BodyFindings()
    private var notices: [MCPNotice] = []
    private var isAnswered = false

    init(
        id: ArgumentValue?, method: String, plan: BodyMaskingPlan, pins: ToolPins, meter: AnswerMeter?, judge: Judge
    ) {
        self.meter = meter
        self.id = id
        self.method = method
        self.plan = plan
        self.pins = pins
        self.judge = judge
    }

    /// What records must tell, since it was last asked.
    func takeNotices() -> [MCPNotice] {
        defer { notices = [] }
        return notices
    }

    /// The error that a client gets whose answer cannot be passed on.
    func failure(_ message: String) -> [UInt8] {
        MCPErrorMessage(id: id, code: .unavailable, message: message).bytes
    }

    /// - Parameter isError: It came with a status that says so: it may have another id, or none.
    func take(_ bytes: [UInt8], isError: Bool) -> MCPPassage {
        listed = 0
        let passage = judged(bytes, isError: isError)
        guard let meter, case .pass = passage else { return passage }
        guard let refusal = meter.refusal(of: ShownContent(rows: listed, values: found.takeShown())) else {
            return passage
        }
        isAnswered = true
        return .end(
            MCPErrorMessage(id: id, code: .denied, message: refusal).bytes,
            reason: "the budget \(meter.spent?.name ?? "")")
    }

    private func judged(_ bytes: [UInt8], isError: Bool) -> MCPPassage {
        let message: MCPMessage
        do throws(MCPFault) { message = try MCPMessage(bytes, isOfClient: false) } catch {
            return end("The server's answer is not passed on: \(error.message)", "an answer that is none")
        }
        switch message.kind {
        case .request(_, let method): return takeRequest(message, method)
        case .notification(let method):
            guard !isClassified(message) else { return .dropped }
            listed = MCPRows.count(message.params ?? .empty)
            return mask(message.params ?? .empty).map { params in
                .pass(
                    MCPEnvelope.bytes([("method", ArgumentValue.string(method).json), ("params", params)]),
                    isAnswer: false)
            } ?? unmaskable
        case .result(let id, let result):
            guard let own = self.id, own == id, !isAnswered else {
                return end(
                    "The server answered what was not asked.", "an answer to another request")
            }
            return takeResult(result, own)
        case .error(let id, let error):
            guard let own = self.id, own == id || isError || id == nil, !isAnswered else {
                // On a stream that answers nothing an error is one of the transport's.
                if self.id == nil, isError { return takeError(error, nil) }
                return end("The server answered what was not asked.", "an answer to another request")
            }
            return takeError(error, own)
        }
    }

    /// Whether a method or an id, which are passed on as they are, is what policy classifies.
    private func isClassified(_ message: MCPMessage) -> Bool {
        message.ownTexts.contains { plan.shown($0).isMasked }
    }

    private func end(_ message: String, _ reason: String) -> MCPPassage {
        isAnswered = true
        return .end(failure(message), reason: reason)
    }

    private var unmaskable: MCPPassage {
        end("The server's answer cannot be looked into.", "an answer that cannot be looked into")
    }

    private func takeError(_ error: ArgumentValue, _ id: ArgumentValue?) -> MCPPassage {
        isAnswered = true
        listed = MCPRows.count(error)
        guard let error = mask(error) else { return unmaskable }
        return .pass(MCPEnvelope.bytes([("id", (id ?? .null).json), ("error", error)]), isAnswer: true)
    }

    // MARK: What a server asks

    private func takeRequest(_ message: MCPMessage, _ method: String) -> MCPPassage {
        guard !isClassified(message) else { return unmaskable }
        // A ping asks nothing of anybody.
        if method == "ping", let id = message.id {
            return .pass(
                MCPEnvelope.bytes([("id", id.json), ("method", ArgumentValue.string(method).json)]), isAnswer: false)
        }
        guard isVouched(method) else {
            guard id != nil else { return .dropped }
            return .end(
                MCPErrorMessage(
                    id: id, code: .denied,
                    message: "The server asked for '\(MCPAnswers.shown(method))', and policy does not vouch for that."
                ).bytes, reason: "a server's request")
        }
        guard let id = message.id, let params = mask(message.params ?? .empty, as: .params) else { return unmaskable }
        return .pass(
            MCPEnvelope.bytes([("id", id.json), ("method", ArgumentValue.string(method).json), ("params", params)]),
            isAnswer: false)
    }

    /// Whether a server may ask that. It is recorded either way.
    private func isVouched(_ method: String) -> Bool {
        let known = ["sampling/createMessage", "elicitation/create", "roots/list"].contains(method)
        let isVouched = known && judge.vouchesServerRequests()
        notices.append(
            MCPNotice(
                text: "server request \(MCPAnswers.shown(method))", isAllowed: isVouched,
                message: isVouched ? "" : "Policy does not vouch for what a server asks of its client: serverRequest.",
                features: .serverRequest))
        return isVouched
    }

    /// A name of the protocol's, or nothing.
    private static func shown(_ method: String) -> String {
        ["sampling/createMessage", "elicitation/create", "roots/list"].contains(method) ? method : "something"
    }

    // MARK: What it answers

    private func takeResult(_ result: ArgumentValue, _ id: ArgumentValue) -> MCPPassage {
        isAnswered = true
        guard result.members != nil else { return end("The server's answer is none.", "a result that is no object") }
        if let refusal = refuseInput(result) { return refusal }
        var result = result
        var style = MCPMasking.Style.result
        switch method {
        case "tools/list":
            style = .structure
            result = filter(result, "tools", CallFacts.tool, "name")
        case "prompts/list":
            style = .structure
            result = filter(result, "prompts", CallFacts.prompt, "name")
        case "resources/list":
            style = .structure
            result = filter(result, "resources", CallFacts.resource, "uri")
        case "resources/templates/list":
            style = .structure
            result = filter(result, "resourceTemplates", CallFacts.resource, "uriTemplate")
        case "initialize", "server/discover":
            if let version = result["protocolVersion"] {
                guard case .string(let version) = version, MCPRevision.known.contains(version) else {
                    return end(
                        "The server speaks a revision of MCP that is not known here.",
                        "a protocol version that is not known")
                }
            }
            guard let visible = MCPText.visible(result) else { return unmaskable }
            result = visible
            style = .structure
        case "ping": break
        default: listed = MCPRows.count(result)
        }
        guard let masked = mask(result, as: style) else { return unmaskable }
        return .pass(MCPEnvelope.bytes([("id", id.json), ("result", masked)]), isAnswer: true)
    }

    /// A server of revision 2026-07-28 asks in its answer.
    private func refuseInput(_ result: ArgumentValue) -> MCPPassage? {
        guard let requests = result["inputRequests"] else { return nil }
        let asked = (requests.members ?? []).map { $0.value["method"]?.stringValue ?? "" }
        for method in asked where !isVouched(method) {
            return .end(
                MCPErrorMessage(
                    id: id, code: .denied,
                    message: "The server asked for '\(MCPAnswers.shown(method))', and policy does not vouch for that."
                ).bytes, reason: "a server's request")
        }
        return requests.members == nil ? unmaskable : nil
    }

    // MARK: Lists

    /// Leaves what may be called.
    private func filter(_ result: ArgumentValue, _ list: String, _ kind: String, _ key: String) -> ArgumentValue {
        guard case .object(var members) = result else { return result }
        for index in members.indices where members[index].name == list {
            let entries = members[index].value.elements ?? []
            var counts: [[UInt8]: Int] = [:]
            for entry in entries { if let name = entry[key]?.stringValue { counts[Array(name.utf8), default: 0] += 1 } }
            members[index].value = .array(
                entries.compactMap { entry in
                    guard let name = entry[key]?.stringValue else { return nil }
                    return shown(entry, kind, name, isTwice: counts[Array(name.utf8), default: 0] > 1)
                })
        }
        return .object(members)
    }

    private func shown(_ entry: ArgumentValue, _ kind: String, _ name: String, isTwice: Bool) -> ArgumentValue? {
        guard !MCPText.hasInvisible(name), name.utf8.count <= MCPLimits.name, let visible = MCPText.visible(entry)
        else {
            hide(kind, nil, "It holds characters that nobody sees.")
            return nil
        }
        guard !isTwice || kind != CallFacts.tool else {
            hide(kind, name, "Two of that name are in one list.")
            return nil
        }
        var features: Features = []
        if kind == CallFacts.tool {
            let fingerprint = ToolFingerprint.of(entry)
            if pins.isChanged(name, is: fingerprint) {
                features = .changedTool
                hide(kind, name, "It is another than it was: now \(fingerprint).", features)
            }
        }
        return judge.shows(kind, name, features) ? MCPAnswers.withoutIcons(visible) : nil
    }

    /// - Parameter name: `nil`: it is not to be shown.
    private func hide(_ kind: String, _ name: String?, _ why: String, _ features: Features = []) {
        let name = name.map { plan.shown($0).text } ?? "…"
        notices.append(
            MCPNotice(
                text: "listed \(kind) \(name)", isAllowed: false, message: why, features: features,
                objects: ["\(kind) \(name)"]))
    }

    /// Without pictures from elsewhere, whose address tells who looks at what, and those that are programs.
    private static func withoutIcons(_ entry: ArgumentValue) -> ArgumentValue {
        guard case .object(var members) = entry else { return entry }
        for index in members.indices where members[index].name == "icons" {
            members[index].value = .array(
                (members[index].value.elements ?? []).filter { icon in
                    let source = icon["src"]?.stringValue ?? ""
                    return ["png", "jpeg", "webp", "gif"].contains { source.hasPrefix("data:image/\($0);base64,") }
                })
        }
        return .object(members)
    }

    // MARK: Masks

    /// - Returns: JSON; `nil` where it cannot be looked into.
    private func mask(_ value: ArgumentValue, as style: MCPMasking.Style = .content) -> [UInt8]? {
        guard let (bytes, found) = MCPMasking.mask(value, plan, as: style) else { return nil }
        self.found.add(found)
        return bytes
    }
}

/// Writes messages whose parts are JSON already.
enum MCPEnvelope {
    static func bytes(_ members: [(String, [UInt8])]) -> [UInt8] {
        var output = Array("{\"jsonrpc\":\"2.0\"".utf8)
        for (name, value) in members {
            output += ",\"\(name)\":".utf8
            output += value
        }
        output.append(UInt8(ascii: "}"))
        return output
    }
}

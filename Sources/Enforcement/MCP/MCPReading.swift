import Policy

/// What a client's message asks for, as policy sees it and as records show it.
struct MCPReading {
    var accesses: [Access]
    var arguments = ArgumentValue.empty
    var features: Features = []
    /// The method, and what it is about.
    var text: String
    /// Of what is asked for: its kind and its name. `nil` of the session's own.
    var object: (kind: String, name: String)?

    private static let asks: Set<String> = [
        "initialize", "ping", "server/discover", "tools/list", "prompts/list", "resources/list",
        "resources/templates/list", "logging/setLevel", "subscriptions/listen", "notifications/initialized",
        "notifications/cancelled", "notifications/progress", "notifications/roots/list_changed",
    ]

    /// - Throws: for a message whose params are not what its method takes.
    init(_ message: MCPMessage) throws(MCPFault) {
        let params = message.params ?? .empty
        switch message.kind {
        case .result(_, let result) where MCPReading.saysNothing(result):
            // The answer to a ping: it says nothing but that somebody is there.
            accesses = [Access(verb: .describe, object: ObjectPath([]))]
            text = "response"
            return
        case .result, .error:
            // Only a server asks for those.
            accesses = [Access(verb: .describe, object: ObjectPath([]))]
            features = .serverRequest
            text = "response"
            return
        case .request(_, let method), .notification(let method): text = method
        }
        let id = message.id
        switch text {
        case "tools/call":
            self = try MCPReading(text, .call, CallFacts.tool, params["name"], params["arguments"], id)
        case "prompts/get":
            self = try MCPReading(text, .select, CallFacts.prompt, params["name"], params["arguments"], id)
        case "resources/read", "resources/subscribe", "resources/unsubscribe":
            self = try MCPReading(text, .select, CallFacts.resource, params["uri"], nil, id)
        case "completion/complete":
            let reference = params["ref"] ?? .null
            let isPrompt = reference["type"]?.stringValue == "ref/prompt"
            let argument = params["argument"] ?? .null
            self = try MCPReading(
                text, .select, isPrompt ? CallFacts.prompt : CallFacts.resource,
                reference[isPrompt ? "name" : "uri"],
                argument["name"]?.stringValue.map { .object([.init(name: $0, value: argument["value"] ?? .null)]) }, id)
        case _ where MCPReading.asks.contains(text):
            accesses = [Access(verb: .describe, object: ObjectPath([]), shownRows: 1)]
            accesses += try MCPReading.subscribed(params, id)
        default:
            accesses = [Access(verb: .other, object: ObjectPath([]), shownRows: 1)]
        }
        // What a client was asked for by the server, in the answer before this.
        if params["inputResponses"] != nil { features.insert(.serverRequest) }
    }

    private init(
        _ method: String, _ verb: Verb, _ kind: String, _ name: ArgumentValue?, _ arguments: ArgumentValue?,
        _ id: ArgumentValue?
    ) throws(MCPFault) {
        guard case .string(let name)? = name, !name.isEmpty, name.utf8.count <= MCPLimits.name else {
            throw MCPFault(code: .invalidParams, "'\(method)' names nothing that could be asked for.", id: id)
        }
        guard !MCPText.hasInvisible(name) else {
            throw MCPFault(code: .invalidParams, "The name holds characters that nobody sees.", id: id)
        }
        let arguments = arguments ?? .empty
        guard arguments.members != nil else {
            throw MCPFault(code: .invalidParams, "The arguments are no object.", id: id)
        }
        accesses = [Access(verb: verb, object: ObjectPath([kind, name]), shownRows: 1)]
        self.arguments = arguments
        text = "\(method) \(name)"
        object = (kind, name)
    }

    private static func saysNothing(_ result: ArgumentValue) -> Bool {
        result.members?.allSatisfy { $0.name == "_meta" && $0.value.members?.isEmpty == true } == true
    }

    /// The resources of which a client wants to hear, with `subscriptions/listen`.
    private static func subscribed(_ params: ArgumentValue, _ id: ArgumentValue?) throws(MCPFault) -> [Access] {
        var accesses: [Access] = []
        var values = [params]
        while let value = values.popLast() {
            for member in value.members ?? [] {
                guard member.name == "resourceSubscriptions" else {
                    values.append(member.value)
                    continue
                }
                for element in member.value.elements ?? [member.value] {
                    guard let uri = element.stringValue ?? element["uri"]?.stringValue, accesses.count < 1_000 else {
                        throw MCPFault(code: .invalidParams, "The subscription names no resource.", id: id)
                    }
                    accesses.append(
                        Access(verb: .select, object: ObjectPath([CallFacts.resource, uri]), shownRows: 1))
                }
            }
        }
        return accesses
    }

    func operation(resource: String) -> Operation {
        Operation(
            resource: resource, accesses: accesses, features: features, call: CallFacts(arguments: arguments))
    }

    /// Whether a thing of that name may be called, with some arguments at least: whether it is shown in lists.
    static func listing(_ kind: String, _ name: String, _ features: Features, resource: String) -> Operation {
        Operation(
            resource: resource,
            accesses: [
                Access(
                    verb: kind == CallFacts.tool ? .call : .select, object: ObjectPath([kind, name]), shownRows: 1)
            ], features: features, call: CallFacts(arguments: nil))
    }
}

extension MCPReading {
    /// The tool that is called, if one is.
    var tool: String? { object.flatMap { $0.kind == CallFacts.tool ? $0.name : nil } }
}

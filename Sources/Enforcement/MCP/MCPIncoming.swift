import Policy

/// A client's message as it is judged: read, looked into, and without what is the session's own.
struct MCPIncoming {
    var message: MCPMessage
    var reading: MCPReading
    /// What the client was given to carry back, if it did.
    var state: String?
    /// What was masked on its way out.
    var masks: [HTTPMaskCount] = []
    /// It holds what may not go out.
    var holdsFindings = false

    /// What is looked for, and what policy says of it.
    struct Screen {
        var outboundPlan: BodyMaskingPlan
        var policy: any SessionPolicy
        var pins: ToolPins
    }

    /// - Throws: for params that are not what the method takes, and what cannot be looked into.
    init(_ read: MCPMessage, _ screen: Screen) throws(MCPFault) {
        message = read
        reading = try MCPReading(message)
        // What is masked on its way out is judged as it goes out.
        if !screen.outboundPlan.isEmpty {
            // What the protocol itself has room for goes to the server as well.
            if message.ownTexts.contains(where: { screen.outboundPlan.shown($0).isMasked }) {
                holdsFindings = true
                return
            }
            guard let (json, found) = MCPMasking.mask(message.content, screen.outboundPlan, as: .params),
                // What stands under the name of an argument that is to be completed.
                let (_, completed) = MCPMasking.mask(reading.arguments, screen.outboundPlan)
            else {
                throw MCPFault(code: .invalidRequest, "The message cannot be looked into.", id: message.id)
            }
            if message.method == "completion/complete", !completed.isEmpty {
                holdsFindings = true
                return
            }
            if !found.isEmpty {
                holdsFindings =
                    found.longValues > 0
                    || found.counts.keys.contains { screen.policy.outbound(of: $0) == .deny }
                guard !holdsFindings else { return }
                masks = HTTPMaskCount.counts(of: found, at: "the request's body")
                message = try message.replacing(json)
            }
        }
        state = message.takeState()
        reading = try MCPReading(message)
        if let tool = reading.tool, screen.pins.isChanged(tool) { reading.features.insert(.changedTool) }
    }

    /// What records show of it: the text, what it is about, and the beginning of the arguments.
    func shown(by plan: BodyMaskingPlan) -> (text: String, object: String, arguments: [String]) {
        let name = reading.object.map { "\($0.kind) \(plan.shown($0.name).text)" } ?? ""
        var arguments: [String] = []
        if reading.arguments != .empty, let (json, _) = MCPMasking.mask(reading.arguments, plan) {
            arguments = [MCPText.beginning(of: json, bytes: HTTPLaneLimits.recordedBody)]
        }
        return (plan.shown(reading.text).text, name, arguments)
    }
}

extension MCPMessage {
    /// What it brings: its params, or what it answers.
    var content: ArgumentValue {
        switch kind {
        case .result(_, let value), .error(_, let value): value
        case .request, .notification: params ?? .empty
        }
    }
}

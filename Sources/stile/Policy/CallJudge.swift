import Policy

/// Asks a policy what it says of a call to an MCP server, as a sidecar would, without a server. What tools are is not known here.
struct CallJudge {
    let bundle: PolicyBundle
    let resource: String

    func judge(
        kind: String, name: String, arguments: ArgumentValue, by subject: Subject
    ) -> StatementJudge.Judged {
        let operation = Operation(
            resource: resource,
            accesses: [
                Access(
                    verb: kind == CallFacts.tool ? .call : .select, object: ObjectPath([kind, name]), shownRows: 1)
            ], call: CallFacts(arguments: arguments))
        return StatementJudge.Judged(
            text: "\(kind) \(name) \(String(decoding: arguments.json, as: UTF8.self))", operation: operation,
            explanation: bundle.explain(operation, by: subject))
    }
}

extension Operation {
    /// Neither a request to an API nor a call to an MCP server.
    var isStatement: Bool { request == nil && call == nil }
}

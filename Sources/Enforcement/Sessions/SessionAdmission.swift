import Policy

extension SessionPolicy {
    /// What it says of a client's connecting, before that does anything. What a rule holds it lets in: a connection cannot wait, and what
    /// is done on it is held, each for itself.
    func admission(of subject: Subject, to resource: String) -> Verdict {
        var verdict = decide(
            Operation(resource: resource, accesses: [Access(verb: .session, object: ObjectPath([]))]), for: subject)
        if verdict.outcome == .hold { verdict.outcome = .allow }
        return verdict
    }
}

extension Verdict {
    /// Why a client may not connect.
    var refusalOfSession: String { message ?? "Policy gives this identity no access here." }
}

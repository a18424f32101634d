import Policy

extension SessionPolicy {
    /// What it says of a client's connecting, before that does anything.
    func admission(of subject: Subject, to resource: String) -> Verdict {
        decide(Operation(resource: resource, accesses: [Access(verb: .session, object: ObjectPath([]))]), for: subject)
    }
}

extension Verdict {
    /// Why a client may not connect.
    var refusalOfSession: String { message ?? "Policy gives this identity no access here." }
}

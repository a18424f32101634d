import Policy

/// What a rule can say of a forward proxy alone, and what it cannot say there.
enum EgressCheck {
    static func run(_ part: PolicyDraft.Part<Rule>, in draft: PolicyDraft, into sink: inout DiagnosticSink) {
        guard let only = draft.onlyProtocol(of: part.value.resources) else { return }
        if only == .http, let place = part.source.object("where"), place.fields["ports"] != nil {
            sink.error(
                "the rule '\(part.name.value)' could never fire: 'ports' is about egress, and an API has the port of its upstream",
                at: place.keyLocation("ports"), suggestion: "leave 'ports' out")
        }
        guard only == .egress, part.value.effect == .allow, part.value.vouches.features.contains(.tunnel),
            !part.value.verbs.contains(.other), let vouch = part.source.object("vouch")
        else { return }
        sink.error(
            "the rule '\(part.name.value)' vouches for tunnels and allows none: what goes through one cannot be told, and is 'other'",
            at: vouch.keyLocation("features"), suggestion: "write \"allow: ['*']\", or leave 'tunnel' out")
    }
}

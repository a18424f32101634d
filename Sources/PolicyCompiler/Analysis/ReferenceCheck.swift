import Policy

/// Holds every mention of a name against what is defined, and the definitions against each other.
struct ReferenceCheck {
    let draft: PolicyDraft
    /// Names of the detectors that ship with the product.
    let builtInDetectors: [String]

    func run(into sink: inout DiagnosticSink) {
        checkAddresses(into: &sink)
        checkIssuers(into: &sink)
        for part in draft.classifications { check(part, into: &sink) }
        for part in draft.detectors where builtInDetectors.contains(part.name.value) {
            sink.error(
                "the detector '\(part.name.value)' ships with the product", at: part.name.location,
                suggestion: "give yours another name")
        }
        for part in draft.detectors { PatternCheck.run(part, into: &sink) }
        for part in draft.rules {
            for name in part.source.strings("on") {
                reportUnless(draft.resourceNames, has: name, noun: "resource", into: &sink)
            }
            for name in part.source.object("where")?.strings("classification") ?? [] {
                reportUnless(draft.classificationNames, has: name, noun: "classification", into: &sink)
            }
        }
        for part in draft.budgets {
            for name in part.source.strings("on") {
                reportUnless(draft.resourceNames, has: name, noun: "resource", into: &sink)
            }
            for name in part.source.object("of")?.strings("classification") ?? [] {
                reportUnless(draft.classificationNames, has: name, noun: "classification", into: &sink)
            }
        }
        BudgetCheck(draft: draft).run(into: &sink)
        warnOfUnusedDetectors(into: &sink)
    }

    // MARK: Names

    private func reportUnless(
        _ defined: Set<String>, has name: Located<String>, noun: String, into sink: inout DiagnosticSink
    ) {
        guard !defined.contains(name.value), !(draft.isIncomplete && defined.isEmpty) else { return }
        if name.value == "*" {
            sink.error(
                "'*' is no \(noun)", at: name.location, suggestion: "leave the key out when every \(noun) is meant")
            return
        }
        let mend =
            Suggestion.phrase(for: name.value, among: defined.sorted(), whatTheyAre: "those defined are")
            ?? "none is defined; add it under '\(noun)s'"
        sink.error("no \(noun) is called '\(name.value)'", at: name.location, suggestion: mend)
    }

    private func check(_ part: PolicyDraft.Part<Classification>, into sink: inout DiagnosticSink) {
        let name = part.name.value
        for resource in part.source.strings("on") {
            reportUnless(draft.resourceNames, has: resource, noun: "resource", into: &sink)
        }
        let known = Set(builtInDetectors).union(draft.detectorNames)
        for detector in part.source.strings("detectors") where !known.contains(detector.value) {
            let mend =
                Suggestion.nearest(to: detector.value, among: known.sorted()).map { "did you mean '\($0)'?" }
                ?? "the built-in ones are \(builtInDetectors.sorted().joined(separator: ", ")); add others under 'detectors'"
            sink.error("no detector is called '\(detector.value)'", at: detector.location, suggestion: mend)
        }
        if part.value.columns.isEmpty, part.value.detectors.isEmpty, part.value.jsonKeys.isEmpty {
            sink.error(
                "the classification '\(name)' can never find anything: it has no columns, no detectors and no keys of JSON",
                at: part.name.location,
                suggestion: "say where it lives ('columns', 'jsonKeys'), how it looks ('detectors'), or both")
        }
        if part.value.mask == .hash, draft.maskKeyFile == nil, !draft.isIncomplete {
            sink.error(
                "the mask 'hash' needs a key, or anybody could try values until one fits",
                at: part.source.keyLocation("mask"),
                suggestion: "name its file: 'masks: { keyFile: /var/run/stile/mask-key }'")
        }
        checkColumnUse(part, into: &sink)
        for column in part.source.strings("columns") { warnOfUpperCase(column, into: &sink) }
    }

    private func checkColumnUse(_ part: PolicyDraft.Part<Classification>, into sink: inout DiagnosticSink) {
        let name = part.name.value
        // What stands under a key of JSON decides as a column does; no sum of it is let pass.
        if part.value.columns.isEmpty, part.value.jsonKeys.isEmpty, part.source.fields["predicates"] != nil {
            sink.error(
                "'predicates' is about columns and keys of JSON, and '\(name)' has none",
                at: part.source.keyLocation("predicates"),
                suggestion: "say where it lives ('columns', 'jsonKeys'), or leave 'predicates' out")
        }
        if part.value.columns.isEmpty, part.source.fields["aggregates"] != nil {
            sink.error(
                "'aggregates' is about columns, and '\(name)' has none", at: part.source.keyLocation("aggregates"),
                suggestion: "say where it lives ('columns'), or leave 'aggregates' out")
        }
        if part.value.predicates == .hold, part.value.approval == nil {
            sink.error(
                "nobody could approve what 'predicates: hold' of '\(name)' holds",
                at: part.source.keyLocation("predicates"), suggestion: "add 'approval: { by: { groups: [ … ] } }'")
        }
        if part.value.predicates != .hold, part.source.fields["approval"] != nil {
            sink.error(
                "'approval' belongs to 'predicates: hold', and '\(name)' holds nothing",
                at: part.source.keyLocation("approval"), suggestion: "write 'predicates: hold', or leave 'approval' out"
            )
        }
    }

    private func warnOfUpperCase(_ pattern: Located<String>, into sink: inout DiagnosticSink) {
        guard pattern.value != pattern.value.lowercased() else { return }
        sink.warning(
            "'\(pattern.value)' matches only names that were created in quotes: others are folded to lower case",
            at: pattern.location, suggestion: "did you mean '\(pattern.value.lowercased())'?")
    }

    private func warnOfUnusedDetectors(into sink: inout DiagnosticSink) {
        guard !draft.isIncomplete else { return }
        let used = Set(draft.classifications.flatMap(\.value.detectors))
        for part in draft.detectors where !used.contains(part.name.value) {
            sink.warning(
                "no classification uses the detector '\(part.name.value)'", at: part.name.location,
                suggestion: "name it in a classification's 'detectors'")
        }
    }

    // MARK: Addresses

    private func checkAddresses(into sink: inout DiagnosticSink) {
        var taken: [String: Located<String>] = [:]
        for part in draft.resources {
            guard let listen = part.source.string("listen") else { continue }
            let address = Self.canonical(listen.value)
            if let first = taken[address] {
                sink.error(
                    "'\(part.name.value)' listens where '\(first.value)' does", at: listen.location,
                    suggestion: "give each resource a port or socket of its own",
                    notes: [.init(location: first.location, message: "'\(first.value)' listens here")])
            } else {
                taken[address] = Located(value: part.name.value, location: listen.location)
            }
            if part.value.protocolName != .egress, Self.canonical(part.value.upstream) == address {
                sink.error(
                    "'\(part.name.value)' is its own upstream", at: part.source.keyLocation("upstream"),
                    suggestion: "name the address of the server")
            }
            checkTLS(part, into: &sink)
        }
    }

    private func checkTLS(_ part: PolicyDraft.Part<Resource>, into sink: inout DiagnosticSink) {
        guard part.value.protocolName != .egress, part.value.tls == .disable || part.value.tls == .require else {
            return
        }
        let isPlainHTTP = part.value.protocolName != .postgres && part.value.tls == .disable
        if let upstream = HostPort(part.value.upstream), !HostPort.isLoopback(host: upstream.host) {
            if isPlainHTTP {
                sink.warning(
                    "over plain http whoever is on the way to \(part.value.upstream) can read and answer",
                    at: part.source.string("upstream")?.location, suggestion: "write 'https://…'")
            } else {
                let word = part.value.tls == .disable ? "disable" : "require"
                sink.warning(
                    "with 'tls: \(word)' whoever is on the way to \(part.value.upstream) can read and answer",
                    at: part.source.keyLocation("tls"), suggestion: "'verify-full', with 'caFile' for a CA of your own")
            }
        }
        if let file = part.source.string("caFile") {
            sink.error(
                "'caFile' is not used: nothing checks the certificate", at: file.location,
                suggestion: isPlainHTTP
                    ? "write 'https://…', or leave 'caFile' out" : "write 'tls: verify-full', or leave 'caFile' out")
        }
    }

    private static func canonical(_ address: String) -> String {
        guard let parsed = HostPort(address) else { return address }
        return "\(parsed.host == "localhost" ? "127.0.0.1" : parsed.host):\(parsed.port)"
    }

    private func checkIssuers(into sink: inout DiagnosticSink) {
        guard !draft.isIncomplete else { return }
        if draft.issuers.isEmpty, !draft.resources.isEmpty {
            sink.error(
                "no issuer is named, so nobody's token could be accepted", at: draft.resources.first?.name.location,
                suggestion: "add 'identity: { issuers: [ { url: https://…, audience: … } ] }'")
        }
        if draft.resources.isEmpty {
            sink.warning(
                "the policy has no resources: the sidecar will listen nowhere", at: draft.name?.location,
                suggestion: "add them under 'resources'")
        }
    }
}

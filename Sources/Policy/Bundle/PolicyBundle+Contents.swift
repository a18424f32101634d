extension PolicyBundle {
    /// The policy's name.
    public var name: String { settings.name }
    public var issuers: [Issuer] { settings.issuers }
    public var resources: [Resource] { settings.resources }
    public var classifications: [Classification] { settings.classifications }
    public var customDetectors: [CustomDetector] { settings.customDetectors }
    public var recording: Recording { settings.recording }
    public var budgets: [Budget] { settings.budgets }
    public var maskKeyFile: String? { settings.maskKeyFile }

    /// What the bundle says of its own contents: 32 bytes, SHA-256 over ``digestedBytes`` as the compiler made it. It is
    /// not checked here, where there is no cryptography: whoever loads a bundle compares.
    public var digest: [UInt8] {
        block.bytes(BundleLayout.digestOffset..<BundleLayout.digestOffset + BundleLayout.digestLength)
    }

    /// What ``digest`` is the digest of. A copy.
    public var digestedBytes: [UInt8] {
        block.bytes(BundleLayout.checksumOffset..<block.count)
    }

    /// The whole bundle. A copy.
    public var bytes: [UInt8] {
        block.bytes(0..<block.count)
    }

    /// The detectors' tables as they were given to the writer, not validated here. A copy.
    public var detectorBytes: [UInt8] {
        section(.detectors).bytes
    }

    public func resource(named name: String) -> Resource? {
        resourceNumbers[Array(name.utf8)].map { settings.resources[$0] }
    }

    public var ruleCount: Int { dimensions.rules.rules }

    /// The rules: allow, hold, deny, and by name within each. Made anew on every call.
    public var rules: [Rule] {
        (0..<ruleCount).compactMap(rule).sortedForReading()
    }

    /// The whole policy again, in its normal form.
    public var model: PolicyModel {
        var model = settings
        model.rules = rules
        return model
    }

    /// - Returns: `nil` when there is no such rule, which after validation is when `ordinal` is out of range.
    func rule(_ ordinal: Int) -> Rule? {
        guard ordinal >= 0, ordinal < ruleCount else { return nil }
        var source = ruleSource(ordinal)
        return try? RuleCoding.rule(from: &source)
    }

    func ruleName(_ ordinal: Int) -> String {
        var source = ruleSource(ordinal)
        return (try? RuleCoding.name(from: &source)) ?? ""
    }

    func ruleMessage(_ ordinal: Int) -> String? {
        var source = ruleSource(ordinal)
        return (try? RuleCoding.message(from: &source)) ?? nil
    }

    private func ruleSource(_ ordinal: Int) -> WordSource {
        WordSource(
            section(.rules), section: .rules, strings: strings, at: Int(section(.ruleIndex).u32(ordinal)))
    }
}

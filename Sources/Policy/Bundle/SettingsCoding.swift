/// Everything of a model but its rules, in the settings section.
enum SettingsCoding {
    static func put(_ model: PolicyModel, into sink: inout WordSink) {
        sink.put(model.name)
        sink.put(model.maskKeyFile)
        sink.put(UInt32(model.recording.statements.rawValue))
        sink.put(UInt32(model.recording.responses.rawValue))
        sink.put(model.recording.maxResponseBytes)
        sink.put(UInt32(model.recording.whenSpoolIsFull.rawValue))
        sink.put(UInt32(truncatingIfNeeded: model.issuers.count))
        for issuer in model.issuers { put(issuer, into: &sink) }
        sink.put(UInt32(truncatingIfNeeded: model.resources.count))
        for resource in model.resources { put(resource, into: &sink) }
        sink.put(UInt32(truncatingIfNeeded: model.classifications.count))
        for classification in model.classifications { put(classification, into: &sink) }
        sink.put(UInt32(truncatingIfNeeded: model.customDetectors.count))
        for detector in model.customDetectors {
            sink.put(detector.name)
            sink.put(detector.pattern)
            sink.put(detector.context)
        }
        sink.put(UInt32(truncatingIfNeeded: model.budgets.count))
        for budget in model.budgets { BudgetCoding.put(budget, into: &sink) }
    }

    private static func put(_ issuer: Issuer, into sink: inout WordSink) {
        sink.put(issuer.url)
        sink.put(issuer.audience)
        sink.put(issuer.groupsClaim)
        sink.put(issuer.jwksFile)
        sink.put(issuer.caFile)
        sink.put(issuer.clockSkewSeconds)
    }

    private static func put(_ resource: Resource, into sink: inout WordSink) {
        sink.put(resource.name)
        sink.put(UInt32(resource.protocolName.rawValue))
        sink.put(resource.listen)
        sink.put(resource.upstream)
        sink.put(UInt32(resource.tls.rawValue))
        sink.put(resource.caFile)
        sink.put(resource.listenCertificateFile)
        sink.put(resource.listenKeyFile)
        sink.put(resource.usernameFile)
        sink.put(resource.passwordFile)
        sink.put(resource.bearerFile)
        sink.put(resource.headerName)
        sink.put(resource.headerFile)
        sink.put(resource.tokenFile)
        sink.put(resource.databases)
        sink.put(resource.trustFile)
        sink.put(resource.upstreamPath)
        sink.put(UInt32(truncatingIfNeeded: resource.toolPins.count))
        for pin in resource.toolPins {
            sink.put(pin.tool)
            sink.put(pin.fingerprint)
        }
        sink.put(UInt32(resource.profile?.rawValue ?? 0))
        sink.put(resource.linkHosts)
        sink.put(resource.clientCertificateFile)
        sink.put(resource.clientKeyFile)
        sink.put(UInt32(resource.oauth == nil ? 0 : 1))
        guard let oauth = resource.oauth else { return }
        sink.put(oauth.tokenURL)
        sink.put(oauth.clientIDFile)
        sink.put(oauth.clientSecretFile)
        sink.put(oauth.scopes)
        sink.put(oauth.audience)
        sink.put(oauth.caFile)
    }

    private static func put(_ classification: Classification, into sink: inout WordSink) {
        sink.put(classification.name)
        sink.put(classification.columns)
        sink.put(classification.detectors)
        sink.put(classification.jsonKeys)
        sink.put(classification.resources)
        switch classification.mask {
        case .redact: sink.put(UInt32(0))
        case .null: sink.put(UInt32(1))
        case .hash: sink.put(UInt32(2))
        case .fixed(let text):
            sink.put(UInt32(3))
            sink.put(text)
        case .keepFirst(let count):
            sink.put(UInt32(4))
            sink.put(UInt32(count))
        case .keepLast(let count):
            sink.put(UInt32(5))
            sink.put(UInt32(count))
        case .truncateDate(let precision):
            sink.put(UInt32(6))
            sink.put(UInt32(precision.rawValue))
        }
        sink.put(UInt32(classification.predicates.rawValue))
        RuleCoding.put(classification.approval, into: &sink)
        sink.put(classification.aggregatedRows ?? 0)
        sink.put(UInt32(classification.outbound.rawValue))
    }

    /// The model without its rules.
    static func model(from source: inout WordSource) throws(BundleError) -> PolicyModel {
        var model = PolicyModel(name: try source.string())
        model.maskKeyFile = try source.optionalString()
        model.recording = Recording(
            statements: try source.value(Recording.Content.self, "recording of statements"),
            responses: try source.value(Recording.Content.self, "recording of responses"),
            maxResponseBytes: try source.doubleWord(),
            whenSpoolIsFull: try source.value(Recording.WhenSpoolIsFull.self, "answer to a full spool"))
        for _ in 0..<(try source.count()) { model.issuers.append(try issuer(from: &source)) }
        for _ in 0..<(try source.count()) { model.resources.append(try resource(from: &source)) }
        for _ in 0..<(try source.count()) { model.classifications.append(try classification(from: &source)) }
        for _ in 0..<(try source.count()) {
            model.customDetectors.append(
                CustomDetector(
                    name: try source.string(), pattern: try source.string(), context: try source.strings()))
        }
        for _ in 0..<(try source.count()) { model.budgets.append(try BudgetCoding.budget(from: &source)) }
        guard source.isAtEnd else { throw source.fault("goes on after its end") }
        return model
    }

    private static func issuer(from source: inout WordSource) throws(BundleError) -> Issuer {
        Issuer(
            url: try source.string(), audience: try source.string(), groupsClaim: try source.string(),
            jwksFile: try source.optionalString(), caFile: try source.optionalString(),
            clockSkewSeconds: try source.word())
    }

    private static func resource(from source: inout WordSource) throws(BundleError) -> Resource {
        var resource = Resource(
            name: try source.string(), protocolName: try source.value(Resource.ProtocolName.self, "protocol"),
            listen: try source.string(), upstream: try source.string(),
            tls: try source.value(Resource.UpstreamTLS.self, "TLS mode"), caFile: try source.optionalString(),
            listenCertificateFile: try source.optionalString(), listenKeyFile: try source.optionalString(),
            usernameFile: try source.optionalString(), passwordFile: try source.optionalString(),
            bearerFile: try source.optionalString(), headerName: try source.optionalString(),
            headerFile: try source.optionalString(),
            tokenFile: try source.optionalString(), databases: try source.strings(),
            trustFile: try source.optionalString())
        resource.upstreamPath = try source.string()
        for _ in 0..<(try source.count()) {
            resource.toolPins.append(ToolPin(tool: try source.string(), fingerprint: try source.string()))
        }
        let profile = try source.word(upTo: UInt32(UInt8.max), "profile")
        if profile != 0 {
            resource.profile = Resource.Profile(rawValue: UInt8(truncatingIfNeeded: profile))
            guard resource.profile != nil else { throw source.fault("profile \(profile) is unknown") }
        }
        resource.linkHosts = try source.strings()
        resource.clientCertificateFile = try source.optionalString()
        resource.clientKeyFile = try source.optionalString()
        guard try source.word(upTo: 1, "mark of an OAuth client") == 1 else { return resource }
        resource.oauth = OAuthClient(
            tokenURL: try source.string(), clientIDFile: try source.string(), clientSecretFile: try source.string(),
            scopes: try source.strings(), audience: try source.optionalString(), caFile: try source.optionalString())
        return resource
    }

    private static func classification(from source: inout WordSource) throws(BundleError) -> Classification {
        var classification = Classification(
            name: try source.string(), columns: try source.strings(), detectors: try source.strings(),
            jsonKeys: try source.strings(), mask: .redact, resources: try source.strings()
        ).masked(try mask(from: &source))
        classification.predicates = try source.value(Predicates.self, "use of columns")
        classification.approval = try RuleCoding.approval(from: &source)
        let rows = try source.word()
        classification.aggregatedRows = rows == 0 ? nil : rows
        classification.outbound = try source.value(Outbound.self, "answer to findings in requests")
        return classification
    }

    private static func mask(from source: inout WordSource) throws(BundleError) -> Mask {
        switch try source.word() {
        case 0: return .redact
        case 1: return .null
        case 2: return .hash
        case 3: return .fixed(try source.string())
        case 4: return .keepFirst(UInt16(truncatingIfNeeded: try source.word(upTo: 0xFFFF, "number of characters")))
        case 5: return .keepLast(UInt16(truncatingIfNeeded: try source.word(upTo: 0xFFFF, "number of characters")))
        case 6: return .truncateDate(try source.value(Mask.DatePrecision.self, "date precision"))
        case let kind: throw source.fault("mask \(kind) is unknown")
        }
    }
}

extension Classification {
    fileprivate func masked(_ mask: Mask) -> Classification {
        var classification = self
        classification.mask = mask
        return classification
    }
}

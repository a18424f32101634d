import HTTPInspection
import Policy

/// Where a service is.
struct HTTPOrigin {
    var scheme: HTTPTarget.Scheme
    var authority: HTTPAuthority
}

/// A response's head as the client gets it.
enum ForwardedResponse {
    /// - Parameters:
    ///   - kind: Of the request that is answered.
    ///   - upstream: Whose URLs are the sidecar's to whoever follows them; `nil`: nobody's.
    ///   - plan: What policy classifies.
    ///   - looksInto: The body is looked into, so that it may be another than the head says.
    ///   - isDecoded: The body goes on without its coding.
    ///   - counts: What was masked is added.
    static func head(
        _ head: HTTPResponseHead, answering kind: HTTPRequestKind, from upstream: HTTPOrigin?, plan: BodyMaskingPlan,
        looksInto: Bool,
        isDecoded: Bool,
        closes: Bool, counts: inout [HTTPMaskCount]
    ) throws(HTTPError) -> HTTPResponseHead {
        var forwarded = try ForwardedHead.response(head, answering: kind, closes: closes)
        // It would have the client go past the sidecar.
        forwarded.fields.remove(named: "alt-svc")
        if let upstream {
            try localize("Location", of: &forwarded.fields, upstream)
            try localize("Content-Location", of: &forwarded.fields, upstream)
        }
        if looksInto {
            removeDigests(of: &forwarded.fields)
            if let tag = forwarded.fields.first(named: "etag"), !tag.starts(with: "W/".utf8) {
                try forwarded.fields.replace("ETag", with: Array("W/".utf8) + tag)
            }
            try mask(&forwarded.fields, plan, counts: &counts)
        }
        if isDecoded { forwarded.fields.remove(named: "content-encoding") }
        try forwarded.fields.append("Via", "1.1 stile")
        return try HTTPResponseHead(
            status: forwarded.status, reason: HTTPStatus.reason(of: forwarded.status).utf8, fields: forwarded.fields)
    }

    /// Makes a path of the upstream's own URL: a client that follows it comes here again.
    private static func localize(
        _ name: String, of fields: inout HTTPFields, _ upstream: HTTPOrigin
    ) throws(HTTPError) {
        guard let value = fields.first(named: name), fields.count(of: name) == 1,
            let target = try? HTTPTarget(value, for: .get), target.form == .absolute, let authority = target.authority,
            let scheme = target.scheme,
            scheme == upstream.scheme, authority.reachesTheSame(as: upstream.authority, defaultPort: scheme.defaultPort)
        else { return }
        try fields.replace(name, with: target.originForm(for: .get))
    }

    /// Takes away what tells of another body than the client gets, and what would have it ask for parts. A digest of what was masked
    /// tells a value to whoever tries all that there are.
    static func removeDigests(of fields: inout HTTPFields) {
        for name in changed { fields.remove(named: name) }
        for index in (0..<fields.count).reversed() {
            let name = String(decoding: fields.name(at: index), as: UTF8.self)
            if digestPrefixes.contains(where: { name.lowercased().hasPrefix($0) }) { fields.remove(named: name) }
        }
    }

    private static let changed = [
        "content-length", "content-md5", "content-digest", "digest", "repr-digest", "accept-ranges", "content-range",
        "signature", "signature-input",
    ]
    private static let digestPrefixes = ["x-amz-checksum-", "x-goog-hash", "x-ms-blob-content-md5", "x-content-digest"]

    /// Hides the credential that a request was sent with, where fields show it.
    static func hide(_ credential: CredentialFilter?, in fields: inout HTTPFields) throws(HTTPError) {
        guard let credential else { return }
        var shown = HTTPFields()
        for index in 0..<fields.count {
            let (name, value) = (fields.name(at: index), fields.value(at: index))
            // What carries it in its name is no field that anybody waits for.
            guard credential.hide(in: name) == nil else { continue }
            try shown.append(name: name, value: credential.hide(in: value).map { $0[...] } ?? value)
        }
        fields = shown
    }

    /// Masks what is found in the values of fields.
    static func mask(
        _ fields: inout HTTPFields, _ plan: BodyMaskingPlan, counts: inout [HTTPMaskCount]
    ) throws(HTTPError) {
        guard !plan.isEmpty else { return }
        var masked = HTTPFields()
        var isChanged = false
        for index in 0..<fields.count {
            let (name, value) = (fields.name(at: index), fields.value(at: index))
            if isOfSession(name) {
                try masked.append(name: name, value: value)
                continue
            }
            // A name that is itself a value is no field that anybody waits for.
            if let (_, found) = plan.maskText(Array(name)) {
                isChanged = true
                counts += HTTPMaskCount.counts(of: found, at: "a field's name")
                continue
            }
            guard let (shown, found) = plan.maskText(Array(value), name: Array(name)) else {
                try masked.append(name: name, value: value)
                continue
            }
            isChanged = true
            counts += HTTPMaskCount.counts(of: found, at: String(decoding: name, as: UTF8.self))
            do throws(HTTPError) {
                try masked.append(name: name, value: shown)
            } catch {
                // A mask whose form no field may have: the field is left out.
            }
        }
        if isChanged { fields = masked }
    }

    /// Fields that the session wrote, and the date, which is full of digits.
    private static func isOfSession(_ name: ArraySlice<UInt8>) -> Bool {
        name.isSpelled("connection") || name.isSpelled("date")
    }
}

import HTTPInspection
import Policy

/// What a request asks for, as policy sees it and as records show it.
struct HTTPRequestReading {
    var operation: Operation
    /// Method and target, with what detectors know masked.
    let text: String
    let isTextTruncated: Bool
    /// The path as a record's object, masked likewise.
    let object: String
    /// Where something was found that policy classifies: in words, for the refusal. Empty where nothing was.
    let foundIn: [String]

    /// - Parameters:
    ///   - host: Of the upstream: that is where a request goes, whatever its Host says.
    ///   - destination: Where it goes through a forward proxy.
    ///   - more: What is true of it besides.
    ///   - plan: What policy classifies, which records do not show.
    ///   - outbound: What of it may not be sent.
    /// - Throws: for a query of too many pairs.
    init(
        _ head: HTTPRequestHead, _ framing: HTTPBodyFraming, resource: String, host: String,
        through destination: HTTPDestination? = nil, besides more: Features = [], plan: BodyMaskingPlan,
        outbound: BodyMaskingPlan
    ) throws(HTTPError) {
        let path = head.target.path()
        let features = try HTTPFeatures.features(of: head, framing, path: path).union(more)
        operation = HTTPOperation.make(
            resource: resource, method: head.method, host: host, port: destination?.port, segments: path.segments,
            features: features)

        var found: [String] = []
        var segments: [String] = []
        for segment in path.segments {
            let shown = plan.shown(segment)
            if outbound.shown(segment).isMasked, !found.contains("the path") { found.append("the path") }
            segments.append(shown.text)
        }
        var object = "/" + segments.joined(separator: "/")
        if path.endsWithSlash, !segments.isEmpty { object += "/" }
        if head.target.form == .asterisk { object = "*" }
        var query = ""
        if let pairs = try head.target.query()?.pairs().pairs {
            var parts: [String] = []
            for pair in pairs {
                let name = plan.shown(pair.name)
                let value = plan.shown(pair.value, under: pair.name)
                if outbound.shown(pair.name).isMasked || outbound.shown(pair.value, under: pair.name).isMasked,
                    !found.contains("the query")
                {
                    found.append("the query")
                }
                parts.append(pair.valueRange.isEmpty ? name.text : "\(name.text)=\(value.text)")
            }
            query = "?" + parts.joined(separator: "&")
        }
        // What is sensitive only where its parts stand together: a name in a segment and a number in the next.
        var whole = plan.shown(object + query)
        if found.isEmpty, outbound.shown(object + query).isMasked { found.append("the target") }
        let place = HTTPRequestReading.place(destination, head, plan, outbound, &found)
        if case .connect = head.method { (object, whole) = ("", ("", false)) }
        self.object = place.object + object
        let text = HTTPRequestReading.printable("\(head.method) \(place.text)\(whole.text)")
        isTextTruncated = text.utf8.count > HTTPLaneLimits.recordedText
        self.text = isTextTruncated ? String(text.prefix(HTTPLaneLimits.recordedText / 4)) : text
        foundIn = found
    }

    /// What stands before the path where a request says its host, and what of it stands for what it is about.
    ///
    /// A name may carry something out, to whoever answers for its domain; an address is what it is.
    private static func place(
        _ destination: HTTPDestination?, _ head: HTTPRequestHead, _ plan: BodyMaskingPlan, _ outbound: BodyMaskingPlan,
        _ found: inout [String]
    ) -> (text: String, object: String) {
        guard let destination else { return ("", "") }
        // What a CONNECT asks for, also where it goes nowhere.
        var place = destination.authority.description
        if head.method == .connect { place = head.target.authority?.description ?? destination.description }
        if case .name(let name) = destination.host {
            place = plan.shown(place).text
            let labels = name.split(separator: ".").map(String.init)
            if outbound.shown(name).isMasked || labels.contains(where: { outbound.shown($0).isMasked }) {
                found.append("the host")
            }
        }
        return head.method == .connect ? (place, place) : ("\(destination.scheme)://\(place)", place)
    }

    /// Line ends and their kin, which a path may hold encoded, are no part of what a person reads.
    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            if scalar.value < 0x20 || scalar.value == 0x7F {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                shown += digits.utf8.count < 2 ? "%0\(digits)" : "%\(digits)"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }
}

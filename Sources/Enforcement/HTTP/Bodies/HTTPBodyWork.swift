import HTTPInspection
import Policy

/// Looks into an answer's body.
protocol AnswerWork: AnyObject {
    /// It cannot be looked into, as far as is known.
    var isOpaque: Bool { get }
    /// It comes in a coding and goes on without.
    var isDecoding: Bool { get }
    /// What was masked so far.
    var counts: [HTTPMaskCount] { get }
    /// Why the answer ends here, whatever else comes of it.
    var ending: String? { get }
    /// What a model said of itself; `nil` where none is known to have answered.
    var modelUse: ModelUse? { get }

    func take(_ bytes: Span<UInt8>, into output: inout [UInt8]) throws(BodyRefusal)
    func finish(into output: inout [UInt8]) throws(BodyRefusal)
    /// What is given that budgets count and that was not counted yet.
    func takeShown() -> ShownContent
}

extension AnswerWork {
    var modelUse: ModelUse? { nil }
    /// What counts by itself.
    func takeShown() -> ShownContent { ShownContent() }
}

/// Looks into one body on its way. It is shared by whoever carries an exchange, which a value that cannot be copied is not.
final class HTTPBodyWork: AnswerWork {
    private var masking: BodyMasking
    let ending: String? = nil

    /// - Throws: where the fields do not say what the body is.
    init(_ fields: HTTPFields, _ plan: BodyMaskingPlan) throws(HTTPError) {
        masking = BodyMasking(
            contentType: try fields.mediaType(), contentEncoding: try fields.contentCodings(), plan: plan)
    }

    /// It cannot be looked into, as far as is known: its bytes go on as they come, where policy vouches for that.
    var isOpaque: Bool { masking.isOpaque }
    /// It comes in a coding and goes on without.
    var isDecoding: Bool { masking.opensCoding }
    var hasFound: Bool { !masking.found.isEmpty }
    /// What was found so far. A value that is longer than any that is looked into is of no kind that is known.
    var kinds: [BodyFindings.Kind] {
        let found = masking.found
        return Array(found.counts.keys)
            + (found.longValues > 0 ? [BodyFindings.Kind(classification: "", detector: "", mask: "")] : [])
    }

    func take(_ bytes: Span<UInt8>, into output: inout [UInt8]) throws(BodyRefusal) {
        try masking.take(bytes, into: &output)
    }

    func finish(into output: inout [UInt8]) throws(BodyRefusal) {
        try masking.finish(into: &output)
    }

    func takeShown() -> ShownContent { masking.takeShown() }

    /// Of a model's answer, what it says of itself.
    var modelUse: ModelUse? { masking.modelUse }

    var counts: [HTTPMaskCount] { counts(at: HTTPMaskCount.body) }

    func counts(at place: String) -> [HTTPMaskCount] {
        var counts = HTTPMaskCount.counts(of: masking.found, at: place)
        if let links = masking.modelUse?.links, links > 0 {
            counts.append(
                HTTPMaskCount(
                    place: place, classification: "", mask: "link-removed", detector: "linkHosts", values: links))
        }
        return counts
    }
}

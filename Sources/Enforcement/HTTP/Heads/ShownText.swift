import Policy

extension BodyMaskingPlan {
    /// A short text without what is sensitive in it.
    ///
    /// - Parameter name: What the value is called. A key that policy names hides the value whole.
    func shown(_ text: String, under name: String = "") -> (text: String, isMasked: Bool) {
        guard !isEmpty, let (masked, _) = maskText(Array(text.utf8), name: Array(name.utf8)) else {
            return (text, false)
        }
        return (String(decoding: masked, as: UTF8.self), true)
    }
}

extension HTTPMaskCount {
    /// What was masked at a place.
    static func counts(of found: BodyFindings, at place: String) -> [HTTPMaskCount] {
        var counts = found.counts.map { kind, values in
            HTTPMaskCount(
                place: place, classification: kind.classification, mask: kind.mask, detector: kind.detector,
                values: values)
        }
        if found.longValues > 0 {
            counts.append(
                HTTPMaskCount(
                    place: place, classification: "", mask: Mask.redact.name, detector: "", values: found.longValues))
        }
        return counts
    }
}

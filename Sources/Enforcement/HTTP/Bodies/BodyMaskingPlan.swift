public import Policy

/// What is looked for in bodies, and with which masks. Made once for a policy and a resource.
public struct BodyMaskingPlan: Sendable {
    let scanner: DetectorScanner?
    let maskKey: MaskKey?
    /// Whether budgets count what is shown.
    public var isCounted = false
    /// The API of a model whose answers are looked into.
    var model: ModelProfile?

    /// - Parameters:
    ///   - scanner: The resource's detectors and keys; nil when nothing is looked for.
    ///   - maskKey: The key of `hash` masks.
    ///   - resource: Whose answers are looked into: it may be a model's API.
    public init(scanner: DetectorScanner?, maskKey: MaskKey?, answersOf resource: Resource? = nil) {
        self.scanner = scanner
        self.maskKey = maskKey
        model = resource.flatMap { ModelProfile($0) }
    }

    /// Whether bodies pass as they are.
    public var isEmpty: Bool { scanner == nil }

    /// Looks into a short value that stands alone: a field's, a query's, a segment of a path.
    ///
    /// - Parameters:
    ///   - text: decoded.
    ///   - name: what it is called, if it is: a key that policy names masks it, and detectors take it for context.
    /// - Returns: its masked form and what was found; nil when nothing was. What is found only once percent signs are decoded hides
    ///   the value whole.
    public func maskText(_ text: [UInt8], name: [UInt8] = []) -> (masked: [UInt8], found: BodyFindings)? {
        if let masked = maskDecoded(text, name: name) { return masked }
        guard !isEmpty, let decoded = Self.percentDecoded(text), let (_, found) = maskDecoded(decoded, name: name)
        else {
            return nil
        }
        return (Array(RedactedForm.text.utf8), found)
    }

    /// As URLs write what they hold, in Location, Link, Referer and cookies; nil where there is nothing encoded.
    private static func percentDecoded(_ text: [UInt8]) -> [UInt8]? {
        guard text.contains(UInt8(ascii: "%")) else { return nil }
        func digit(_ byte: UInt8) -> UInt8? {
            switch byte {
            case 0x30...0x39: byte - 0x30
            case 0x41...0x46, 0x61...0x66: (byte | 0x20) - 0x61 + 10
            default: nil
            }
        }
        var decoded: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "%"), index + 2 < text.count, let high = digit(text[index + 1]),
                let low = digit(text[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(text[index])
                index += 1
            }
        }
        return decoded.count == text.count ? nil : decoded
    }

    private func maskDecoded(_ text: [UInt8], name: [UInt8]) -> (masked: [UInt8], found: BodyFindings)? {
        guard let scanner, !text.isEmpty else { return nil }
        // Most values hold nothing, and are many.
        let isPlain =
            scanner.keys.use(of: String(decoding: name, as: UTF8.self)) == nil
            && !StructuredMasking.mayHold(text.span)
        if isPlain, scanner.findings(in: text.span, context: name).isEmpty { return nil }
        guard var masking = masking() else { return nil }
        let selection = scanner.selection(for: name)
        guard masking.mask(text.span, named: name.span, selection: selection) == .replaced else { return nil }
        var found = BodyFindings()
        found.add(masking, scanner)
        return (masking.output, found)
    }

    /// - Parameter heedsKeys: Whether what stands under a key that policy names is masked for that.
    func masking(heedsKeys: Bool = true) -> StructuredMasking? {
        guard var masking = scanner?.structuredMasking(key: maskKey, heedsKeys: heedsKeys) else { return nil }
        masking.keepsShown = isCounted
        return masking
    }
}

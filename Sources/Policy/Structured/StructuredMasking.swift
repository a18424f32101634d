/// Finds and masks what is inside of structured values: JSON, XML, array literals, hstore, and each within the strings of the
/// others.
///
/// Everything is looked at twice: as it is written, and with its escapes resolved. What is found is replaced within the syntax
/// that it stands in, so that a value that was valid stays valid, and all else stays byte for byte. What is malformed is looked
/// at and replaced as plain text from the place of the fault on. All walks are iterative and end with the text; strings within
/// strings are followed ``maxLevel`` deep, and what is deeper is looked at as the text that it is.
public struct StructuredMasking: Sendable {
    /// What a value is taken for.
    public enum Syntax: BitwiseCopyable, Equatable, Sendable {
        /// What it begins like: `{` or `[` JSON, `<` XML, else plain text.
        case text
        case json
        case xml
        case array(Element)
        case hstore

        /// What an array's elements are.
        public enum Element: BitwiseCopyable, Equatable, Sendable {
            case text
            /// Masked whole, or NULL.
            case number
        }
    }

    /// Whether a value changed, and into what.
    public enum Outcome: Equatable, Sendable {
        case unchanged
        /// The new text is in ``output``.
        case replaced
    }

    /// A value within a value whose mask tells it apart from others.
    public struct Shown: Equatable, Sendable {
        public enum Source: Equatable, Sendable {
            case detectors(DetectorSet)
            /// By its number in ``JSONKeyTable/uses``.
            case key(Int)
        }

        public var source: Source
        /// As it was before it was masked, without the escapes of what is around it.
        public var value: [UInt8]
    }

    /// JSON in a string in JSON in a string: nobody means more.
    static let maxLevel = 4

    let tables: DetectorTables
    public let keys: JSONKeyTable
    let maskKey: MaskKey?
    let maskOf: @Sendable (Finding) -> Mask
    var workspace = DetectorFindings()
    /// What was masked in the last value, each place once.
    public internal(set) var found: [Finding] = []
    /// The uses in ``JSONKeyTable/uses`` of keys whose values were masked in the last value.
    public internal(set) var foundKeys: [Int] = []
    /// Whether ``shown`` is kept.
    public var keepsShown = false
    /// What was masked in the last value so that something of it shows.
    public private(set) var shown: [Shown] = []
    /// The last value's new text.
    public private(set) var output: [UInt8] = []

    /// - Parameters:
    ///   - tables: What to find by pattern.
    ///   - keys: What to find by key.
    ///   - maskKey: The key of `hash` masks.
    ///   - mask: The mask of a finding.
    public init(
        tables: DetectorTables, keys: JSONKeyTable, maskKey: MaskKey?, mask: @escaping @Sendable (Finding) -> Mask
    ) {
        self.tables = tables
        self.keys = keys
        self.maskKey = maskKey
        maskOf = mask
    }

    /// Masks what is sensitive in a value.
    ///
    /// - Parameters:
    ///   - value: its text form. Any bytes are safe.
    ///   - selection: what to look for.
    public mutating func mask(
        _ value: Span<UInt8>, as syntax: Syntax, selection: DetectorSelection
    ) -> Outcome {
        found.removeAll(keepingCapacity: true)
        foundKeys.removeAll(keepingCapacity: true)
        if keepsShown { shown.removeAll(keepingCapacity: true) }
        var output = output
        self.output = []
        output.removeAll(keepingCapacity: true)
        let isChanged = rewrite(value, as: syntax, selection, among: [], level: 0, into: &output)
        self.output = output
        return isChanged ? .replaced : .unchanged
    }

    /// Masks a text that has a name: as the value under a key, where that is the name of one, and else what is found in it.
    ///
    /// - Parameters:
    ///   - value: any bytes are safe.
    ///   - name: without any escapes.
    ///   - selection: what to look for.
    public mutating func mask(
        _ value: Span<UInt8>, named name: Span<UInt8>, selection: DetectorSelection
    ) -> Outcome {
        guard let number = keys.find(name) else { return mask(value, as: .text, selection: selection) }
        forgetFound()
        let mask = mask(keyed: number, value)
        output = form(of: value, by: mask)
        return .replaced
    }

    /// Gives back the memory of a long value.
    public mutating func releaseMemory() {
        output = []
        found = []
        foundKeys = []
        workspace = DetectorFindings()
    }

    /// - Parameter known: what was found in the value already, in what is around it.
    /// - Returns: whether anything changed. If not, the output is as it was.
    mutating func rewrite(
        _ value: Span<UInt8>, as syntax: Syntax, _ selection: DetectorSelection, among known: [Sighting], level: Int,
        into output: inout [UInt8]
    ) -> Bool {
        let resolved = StructuredMasking.resolve(syntax, value)
        let found = findings(in: value, of: resolved, selection, among: known)
        switch resolved {
        case .json:
            // A text that only begins like JSON is one, whose keys are heeded as far as they can be told.
            let isJSON =
                syntax == .json || found.isEmpty && keys.isEmpty || JSONText.isOneValue(value)
            guard isJSON else { return rewriteLikeJSON(value, found, into: &output) }
            return rewriteJSON(value, found, selection, level: level, into: &output)
        case .xml: return rewriteXML(value, found, selection, level: level, into: &output)
        case .array(let element):
            return rewriteArray(value, element, found, selection, level: level, into: &output)
        case .hstore: return rewriteHstore(value, found, selection, level: level, into: &output)
        case .text:
            if let new = rewriteBase64(value, selection, level: level) {
                output += found.isEmpty ? new : Array(RedactedForm.text.utf8)
                return true
            }
            var rewriting = Rewriting()
            splice(value, found, upTo: value.count, &rewriting, into: &output)
            return rewriting.finish(value, in: &output)
        }
    }

    private static func resolve(_ syntax: Syntax, _ value: Span<UInt8>) -> Syntax {
        if syntax == .hstore { return isHstore(value) ? .hstore : resolve(.text, value) }
        guard syntax == .text, let first = value.firstInk() else { return syntax }
        switch value[first] {
        case UInt8(ascii: "{"), UInt8(ascii: "["): return .json
        case UInt8(ascii: "<"): return .xml
        default: return .text
        }
    }

    /// Whether a text is one that ``Syntax/text`` takes for more than plain: all others are not worth the way here.
    @inline(__always)
    public static func isStructured(_ value: Span<UInt8>) -> Bool {
        guard value.count > 1 else { return false }
        let first = value[0]
        if first > 0x20 {
            return first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || first == UInt8(ascii: "<")
        }
        return resolve(.text, value) != .text
    }

    // MARK: Finding

    /// Everything that detectors find in a value as it is written and without its escapes, in the places of what is written.
    private mutating func findings(
        in value: Span<UInt8>, of syntax: Syntax, _ selection: DetectorSelection, among known: [Sighting]
    ) -> [Sighting] {
        var open = Int.max
        return findings(in: value, of: syntax, selection, among: known, open: &open)
    }

    /// - Parameter open: the first place from which something is found, perhaps, when more of the value is known.
    mutating func findings(
        in value: Span<UInt8>, of syntax: Syntax, _ selection: DetectorSelection, among known: [Sighting],
        open: inout Int
    ) -> [Sighting] {
        tables.scan(value, with: selection, into: &workspace)
        open = workspace.open
        var found = known
        for finding in workspace.findings { found.append(Sighting(finding)) }
        if let plain = StructuredMasking.unescaped(value, syntax) {
            tables.scan(plain.bytes.span, with: selection, into: &workspace)
            if workspace.open < plain.bytes.count {
                open = min(open, plain.origin(of: workspace.open..<workspace.open).lowerBound)
            }
            for finding in workspace.findings {
                var sighting = Sighting(finding)
                sighting.range = plain.origin(of: finding.range)
                found.append(sighting)
            }
        }
        return Sighting.merged(found)
    }

    /// Forgets what was found so far.
    mutating func forgetFound() {
        found.removeAll(keepingCapacity: true)
        foundKeys.removeAll(keepingCapacity: true)
        shown.removeAll(keepingCapacity: true)
    }

    /// `nil` where there is nothing escaped.
    private static func unescaped(_ value: Span<UInt8>, _ syntax: Syntax) -> Unescaped? {
        let all = 0..<value.count
        if syntax == .xml {
            return value.contains(UInt8(ascii: "&"), in: all) || value.contains(UInt8(ascii: "]"), in: all)
                ? Unescaped(entities: value, all) : nil
        }
        guard value.contains(UInt8(ascii: "\\")) else { return nil }
        return Unescaped(backslashes: value, all)
    }

    // MARK: Replacing

    /// Replaces what was found in plain text before `end`.
    mutating func splice(
        _ text: Span<UInt8>, _ found: [Sighting], upTo end: Int, _ rewriting: inout Rewriting,
        into output: inout [UInt8]
    ) {
        for sighting in found {
            let sighting = sighting.clamped(to: min(rewriting.end, end)..<end)
            guard !sighting.range.isEmpty else { continue }
            rewriting.replace(sighting.range, of: text, in: &output)
            let part = text.extracting(sighting.range)
            let mask = mask(sighting, part)
            output += form(of: part, by: mask)
        }
    }

    /// Counts something that is masked now.
    ///
    /// - Parameter part: What was found, without the escapes of what is around it.
    mutating func mask(_ sighting: Sighting, _ part: Span<UInt8>) -> Mask {
        let finding = Finding(range: sighting.range, detector: sighting.detector, detectors: sighting.detectors)
        found.append(finding)
        // The last four of a part are not the last four of the whole.
        if sighting.isPart { return .redact }
        let mask = maskOf(finding)
        keep(part, .detectors(sighting.detectors), by: mask)
        return mask
    }

    /// Counts the value under a key, which is masked now.
    mutating func mask(keyed number: Int, _ value: Span<UInt8>) -> Mask {
        foundKeys.append(number)
        let mask = keys.uses[number].mask
        keep(value, .key(number), by: mask)
        return mask
    }

    /// Counts and masks a value under a key that is too long to be looked at: what would show some of it shows nothing.
    mutating func maskUnread(_ number: Int, into output: inout [UInt8]) {
        foundKeys.append(number)
        let mask = keys.uses[number].mask
        appendJSON(Span(), isSubtree: true, by: mask.tellsApart ? .redact : mask, to: &output)
    }

    private mutating func keep(_ value: Span<UInt8>, _ source: Shown.Source, by mask: Mask) {
        guard keepsShown, mask.tellsApart else { return }
        var bytes: [UInt8] = []
        bytes.append(value, 0..<value.count)
        shown.append(Shown(source: source, value: bytes))
    }

    /// The masked form of a part of a text, which cannot be NULL.
    func form(of part: Span<UInt8>, by mask: Mask) -> [UInt8] {
        var form: [UInt8] = []
        if case .null = mask.apply(to: part, kind: .text, key: maskKey, into: &form) {
            form = Array(RedactedForm.text.utf8)
        }
        return form
    }

    /// The new content of a string that stands in something else; `nil` when it stays.
    ///
    /// - Parameters:
    ///   - content: without its escapes.
    ///   - found: what was found in it, in its own places.
    mutating func rewriteContent(
        _ content: Span<UInt8>, _ found: [Sighting], _ selection: DetectorSelection, level: Int
    ) -> [UInt8]? {
        var output: [UInt8] = []
        if level < StructuredMasking.maxLevel, StructuredMasking.isStructured(content) {
            guard rewrite(content, as: .text, selection, among: found, level: level + 1, into: &output) else {
                return nil
            }
            return output
        }
        var rewriting = Rewriting()
        splice(content, found, upTo: content.count, &rewriting, into: &output)
        return rewriting.finish(content, in: &output) ? output : nil
    }
}

extension [UInt8] {
    mutating func append(_ span: Span<UInt8>, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        unsafe span.extracting(range).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

/// Values that a mask has made, recognised: so that what somebody read masked is not written over the real value.
///
/// It is an accident that this is against, not a forger. Forms that no real value has by chance are known wherever they stand
/// in a text; forms that a real value may have (a date on the first of January, a `fixed` mask's short text) are known
/// only where they are the whole value, and dates only where a value that is there is changed. What masks make NULL, and
/// hashes of integers and bytes, cannot be told from real values.
public enum MaskedForm {
    /// What is known of how a value is written.
    public struct Place: Hashable, Sendable {
        /// The value is this text alone, not computed from it.
        public var isWhole: Bool
        /// A row that is there is changed.
        public var changesRows: Bool

        public init(isWhole: Bool, changesRows: Bool) {
            self.isWhole = isWhole
            self.changesRows = changesRows
        }
    }

    /// Whether a text carries what the mask, or any mask that hides all, makes of a value.
    ///
    /// - Parameters:
    ///   - text: what is written, in the text form of its type; bytes that are not UTF-8 are safe.
    ///   - mask: of the column that it is written to.
    ///   - kind: of the column.
    public static func isCarried(by text: Span<UInt8>, mask: Mask, kind: ValueKind, place: Place) -> Bool {
        if carriesWholeMask(text) { return true }
        let trimmed = trimmedRange(text)
        let value = text.extracting(trimmed)
        if place.isWhole, kind == .uuid, isMaskedUUID(value, mask) { return true }
        switch mask {
        case .redact, .null, .hash: return false
        case .keepFirst, .keepLast: return carriesStars(text) || isUnchanged(value, by: mask)
        case .fixed(let fixed):
            let form = Array(fixed.utf8)
            if form.isEmpty { return false }
            if place.isWhole, equal(value, form) { return true }
            return form.count >= shortestDistinctive && contains(text, form, ignoringCase: false)
        case .truncateDate(let precision):
            return place.isWhole && place.changesRows && isTruncated(value, to: precision, kind: kind)
        }
    }

    /// Whether a text carries what stands for a value that is hidden as a whole.
    public static func carriesWholeMask(_ text: Span<UInt8>) -> Bool {
        if text.count < redacted.count { return false }
        return contains(text, redacted, ignoringCase: true) || contains(text, redactedHex, ignoringCase: true)
            || contains(text, redactedXML, ignoringCase: true) || carriesPseudonym(text)
    }

    private static let redacted = Array(RedactedForm.text.utf8)
    /// Without the `\x`: as `encode` would give it too.
    private static let redactedHex = Array(RedactedForm.bytes.utf8.dropFirst(2))
    private static let redactedXML = Array(RedactedForm.xml.utf8)
    private static let nilUUID = Array(RedactedForm.uuid.utf8)
    /// A `fixed` text of fewer characters is part of too many others.
    private static let shortestDistinctive = 4

    private static func contains(_ text: Span<UInt8>, _ form: [UInt8], ignoringCase: Bool) -> Bool {
        guard let first = form.first, text.count >= form.count else { return false }
        var start = 0
        while start <= text.count - form.count {
            if fold(text[start], ignoringCase) == fold(first, ignoringCase) {
                var length = 1
                while length < form.count,
                    fold(text[start + length], ignoringCase) == fold(form[length], ignoringCase)
                { length += 1 }
                if length == form.count { return true }
            }
            start += 1
        }
        return false
    }

    private static func fold(_ byte: UInt8, _ ignoringCase: Bool) -> UInt8 {
        ignoringCase && byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    private static func equal(_ text: Span<UInt8>, _ form: [UInt8]) -> Bool {
        guard text.count == form.count else { return false }
        for index in 0..<form.count where text[index] != form[index] { return false }
        return true
    }

    private static func trimmedRange(_ text: Span<UInt8>) -> Range<Int> {
        var lower = 0
        var upper = text.count
        while lower < upper, isSpace(text[lower]) { lower += 1 }
        while lower < upper, isSpace(text[upper - 1]) { upper -= 1 }
        return lower..<upper
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// `h_` and 32 hexadecimal digits: ``HashedForm``'s.
    private static func carriesPseudonym(_ text: Span<UInt8>) -> Bool {
        var position = 0
        while position + 34 <= text.count {
            defer { position += 1 }
            guard text[position] == UInt8(ascii: "h"), text[position + 1] == UInt8(ascii: "_") else { continue }
            var digits = 0
            while digits < 32, text[position + 2 + digits].isHexadecimal { digits += 1 }
            if digits == 32 { return true }
        }
        return false
    }

    /// Three characters or more that ``KeptCharacters`` has hidden, with dashes and spaces between them as they were.
    private static func carriesStars(_ text: Span<UInt8>) -> Bool {
        var stars = 0
        for index in 0..<text.count {
            switch text[index] {
            case UInt8(ascii: "*"):
                stars += 1
                if stars == 3 { return true }
            case UInt8(ascii: " "), UInt8(ascii: "-"): break
            default: stars = 0
            }
        }
        return false
    }

    /// A text with at least one hidden character, that the mask makes of itself.
    private static func isUnchanged(_ value: Span<UInt8>, by mask: Mask) -> Bool {
        var hasStar = false
        for index in 0..<value.count where value[index] == UInt8(ascii: "*") { hasStar = true }
        guard hasStar else { return false }
        var again: [UInt8] = []
        guard case .text = mask.apply(to: value, kind: .text, key: nil, into: &again) else { return false }
        return equal(value, again)
    }

    /// The nil UUID, and for `hash` those of version 8, which nothing else makes.
    private static func isMaskedUUID(_ value: Span<UInt8>, _ mask: Mask) -> Bool {
        var digits: [UInt8] = []
        for index in 0..<value.count where value[index].isHexadecimal { digits.append(value[index]) }
        guard digits.count == 32 else { return false }
        if digits.allSatisfy({ $0 == UInt8(ascii: "0") }) { return true }
        return mask == .hash && digits[12] == UInt8(ascii: "8")
    }

    /// A date on the first of what it was cut to, at midnight.
    private static func isTruncated(_ value: Span<UInt8>, to precision: Mask.DatePrecision, kind: ValueKind) -> Bool {
        guard let date = CalendarDate(leading: value) else { return false }
        switch precision {
        case .year: if date.month != 1 || date.day != 1 { return false }
        case .month: if date.day != 1 { return false }
        case .day:
            // Every date is one that was cut to the day.
            guard kind == .timestamp || kind == .timestampWithZone else { return false }
        }
        // The time of day, where there is one, up to its zone.
        for index in min(date.yearDigits + 7, value.count)..<value.count {
            switch value[index] {
            case UInt8(ascii: "0"), UInt8(ascii: ":"), UInt8(ascii: "."): continue
            case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "Z"), UInt8(ascii: " "): return true
            default: return false
            }
        }
        return true
    }
}

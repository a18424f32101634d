/// A form of `application/x-www-form-urlencoded` (WHATWG URL §5): of each pair its name, and its value, which has the name's text for a name.
/// Both are decoded once, a plus as a space; an empty one is left out.
public struct FormReader: DocumentReader {
    private var units: DocumentUnits<FormFormat>

    /// - Parameter limit: Bytes of a pair at the most, encoded.
    public init(limit: Int = HTTPLimits.documentUnit) {
        units = DocumentUnits(FormFormat(), limit: limit)
    }

    public var decoded: [UInt8] { units.decoded }

    /// What recipients read in different ways, in the pairs so far.
    public var ambiguities: HTTPAmbiguities { units.format.ambiguities }

    public mutating func append(_ bytes: Span<UInt8>) { units.append(bytes) }

    public mutating func finish() { units.finish() }

    /// - Throws: also for more pairs than ``HTTPLimits/queryPairs``.
    public mutating func next(into output: inout [UInt8]) throws(HTTPError) -> DocumentText? {
        try units.next(into: &output)
    }

    public mutating func replace(with replacement: [UInt8]) throws(HTTPError) {
        try units.replace(with: replacement)
    }
}

private struct FormFormat: UnitFormat {
    private(set) var ambiguities: HTTPAmbiguities = []
    private var scanned = 0
    private var pairs = 0

    mutating func end(in bytes: Span<UInt8>, isFinal: Bool) throws(HTTPError) -> Int? {
        guard let separator = bytes.firstIndex(of: UInt8(ascii: "&"), from: scanned) else {
            scanned = bytes.count
            guard isFinal else { return nil }
            scanned = 0
            return bytes.count
        }
        scanned = 0
        return separator + 1
    }

    mutating func texts(in unit: Span<UInt8>, _ found: inout UnitTexts) throws(HTTPError) {
        var end = unit.count
        if end > 0, unit[end - 1] == UInt8(ascii: "&") { end -= 1 }
        guard end > 0 else { return }
        pairs += 1
        guard pairs <= HTTPLimits.queryPairs else {
            throw HTTPError(.oversizedBody, status: 413, "a form of more than \(HTTPLimits.queryPairs) pairs")
        }
        let pair = unit.extracting(0..<end).array
        if pair.contains(UInt8(ascii: ";")) { ambiguities.insert(.semicolon) }
        let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? end
        decode(pair[..<equals], into: &found.decoded)
        let name = found.decoded
        if !name.isEmpty { found.append(.name, from: 0, UnitPlace(range: 0..<equals)) }
        guard equals + 1 < end else { return }
        let start = found.decoded.count
        decode(pair[(equals + 1)...], into: &found.decoded)
        found.append(.value, name: name, from: start, UnitPlace(range: (equals + 1)..<end))
    }

    private mutating func decode(_ bytes: ArraySlice<UInt8>, into decoded: inout [UInt8]) {
        let start = decoded.count
        PercentDecoding.decode(bytes, plusIsSpace: true, into: &decoded, &ambiguities)
        let text = decoded[start...]
        if !text.span.isUTF8 { ambiguities.insert(.invalidText) }
    }

    func spelling(
        _ replacement: [UInt8], for kind: DocumentText.Kind, at place: UnitPlace, in unit: Span<UInt8>
    ) throws(HTTPError) -> [UInt8] {
        var spelling: [UInt8] = []
        spelling.reserveCapacity(replacement.count)
        for byte in replacement {
            if Octet.isLetter(byte) || Octet.isDigit(byte) || "*-._".utf8.contains(byte) {
                spelling.append(byte)
            } else if byte == Octet.space {
                spelling.append(UInt8(ascii: "+"))
            } else {
                spelling += [UInt8(ascii: "%"), FormFormat.digit(byte >> 4), FormFormat.digit(byte & 0x0F)]
            }
        }
        return spelling
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}

extension Span<UInt8> {
    /// Whether this is text in UTF-8 (RFC 3629): no overlong forms, no surrogates.
    var isUTF8: Bool {
        var index = 0
        while index < count {
            let lead = self[index]
            index += 1
            guard lead >= 0x80 else { continue }
            let (more, range): (Int, ClosedRange<UInt8>)
            switch lead {
            case 0xC2...0xDF: (more, range) = (1, 0x80...0xBF)
            case 0xE0: (more, range) = (2, 0xA0...0xBF)
            case 0xED: (more, range) = (2, 0x80...0x9F)
            case 0xE1...0xEF: (more, range) = (2, 0x80...0xBF)
            case 0xF0: (more, range) = (3, 0x90...0xBF)
            case 0xF1...0xF3: (more, range) = (3, 0x80...0xBF)
            case 0xF4: (more, range) = (3, 0x80...0x8F)
            default: return false
            }
            guard index + more <= count, range.contains(self[index]) else { return false }
            for offset in 1..<max(1, more) where self[index + offset] & 0xC0 != 0x80 { return false }
            index += more
        }
        return true
    }
}

/// Lines that end in LF or CRLF: NDJSON, JSON text sequences, logs, any text. A carriage return within a line is the line's.
public struct LineReader: DocumentReader {
    private var units: DocumentUnits<LineFormat>

    /// - Parameter limit: Bytes of a line at the most.
    public init(limit: Int = HTTPLimits.documentUnit) {
        units = DocumentUnits(LineFormat(), limit: limit)
    }

    public var decoded: [UInt8] { units.decoded }

    public mutating func append(_ bytes: Span<UInt8>) { units.append(bytes) }

    public mutating func finish() { units.finish() }

    public mutating func next(into output: inout [UInt8]) throws(HTTPError) -> DocumentText? {
        try units.next(into: &output)
    }

    /// - Throws: for a replacement with a line's end in it: it would be two.
    public mutating func replace(with replacement: [UInt8]) throws(HTTPError) {
        try units.replace(with: replacement)
    }
}

private struct LineFormat: UnitFormat {
    private var scanned = 0
    private var isFirst = true

    mutating func end(in bytes: Span<UInt8>, isFinal: Bool) throws(HTTPError) -> Int? {
        guard let lineFeed = bytes.firstIndex(of: Octet.lineFeed, from: scanned) else {
            scanned = bytes.count
            guard isFinal else { return nil }
            scanned = 0
            return bytes.count
        }
        scanned = 0
        return lineFeed + 1
    }

    mutating func texts(in unit: Span<UInt8>, _ found: inout UnitTexts) {
        let start = isFirst ? ByteOrderMark.utf8Count(unit) : 0
        isFirst = false
        var end = unit.count
        if end > start, unit[end - 1] == Octet.lineFeed {
            end -= 1
            if end > start, unit[end - 1] == Octet.carriageReturn { end -= 1 }
        }
        if start < end { found.append(.line, start..<end, of: unit) }
    }

    func spelling(
        _ replacement: [UInt8], for kind: DocumentText.Kind, at place: UnitPlace, in unit: Span<UInt8>
    ) throws(HTTPError) -> [UInt8] {
        guard !replacement.contains(Octet.lineFeed), replacement.last != Octet.carriageReturn else {
            throw .unspeakable
        }
        return replacement
    }
}

extension HTTPError {
    /// A replacement is the caller's; it is no fault of the content.
    static let unspeakable = HTTPError(
        .malformedBody, status: 500, "a replacement that cannot be written where the text was")
}

/// U+FEFF at a document's beginning.
enum ByteOrderMark {
    /// How many bytes it has here: three or none.
    static func utf8Count(_ bytes: Span<UInt8>) -> Int {
        bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
    }
}

/// Server-sent events (WHATWG HTML §9.2), of `text/event-stream`. Of each event the notes come first (comments, `event`, `id`, `retry` and what
/// nobody knows), then its data, with the lines joined and the event's type for a name.
///
/// An event that the stream's end cuts is looked at, too: browsers drop it, others may not.
public struct EventStreamReader: DocumentReader {
    private var units: DocumentUnits<EventFormat>

    /// - Parameter limit: Bytes of an event at the most.
    public init(limit: Int = HTTPLimits.documentUnit) {
        units = DocumentUnits(EventFormat(), limit: limit)
    }

    public var decoded: [UInt8] { units.decoded }

    public mutating func append(_ bytes: Span<UInt8>) { units.append(bytes) }

    public mutating func finish() { units.finish() }

    public mutating func next(into output: inout [UInt8]) throws(HTTPError) -> DocumentText? {
        try units.next(into: &output)
    }

    /// Data may have several lines. A note has one.
    public mutating func replace(with replacement: [UInt8]) throws(HTTPError) {
        try units.replace(with: replacement)
    }
}

private struct EventFormat: UnitFormat {
    private struct Line: Sendable {
        let start: Int
        /// Where its end begins.
        let end: Int
        /// Where the next begins.
        let next: Int
    }

    private var scanned = 0
    private var lineStart = 0
    /// Of the unit, but for empty ones.
    private var lines: [Line] = []
    private var isFirst = true
    /// The last event ended in a carriage return: a line feed is of that, and this event begins after it.
    private var endedInReturn = false

    mutating func end(in bytes: Span<UInt8>, isFinal: Bool) throws(HTTPError) -> Int? {
        if scanned == 0 {
            lines.removeAll(keepingCapacity: true)
            if endedInReturn, bytes[0] == Octet.lineFeed {
                scanned = 1
                lineStart = 1
            }
            endedInReturn = false
        }
        while scanned < bytes.count {
            let byte = bytes[scanned]
            guard byte == Octet.lineFeed || byte == Octet.carriageReturn else {
                scanned += 1
                continue
            }
            if isFirst {
                isFirst = false
                lineStart = ByteOrderMark.utf8Count(bytes)
            }
            let isBlank = scanned == lineStart
            var next = scanned + 1
            if byte == Octet.carriageReturn {
                if next < bytes.count {
                    if bytes[next] == Octet.lineFeed { next += 1 }
                } else if isBlank {
                    // The event is whole, and whoever waits for it shall not wait for one more byte.
                    endedInReturn = true
                } else if !isFinal {
                    return nil
                }
            }
            if isBlank { return finish(next) }
            lines.append(Line(start: lineStart, end: scanned, next: next))
            lineStart = next
            scanned = next
        }
        guard isFinal else { return nil }
        if isFirst { lineStart = ByteOrderMark.utf8Count(bytes) }
        if lineStart < bytes.count { lines.append(Line(start: lineStart, end: bytes.count, next: bytes.count)) }
        return finish(bytes.count)
    }

    private mutating func finish(_ end: Int) -> Int {
        scanned = 0
        lineStart = 0
        return end
    }

    mutating func texts(in unit: Span<UInt8>, _ found: inout UnitTexts) {
        var data: [(line: Line, value: Range<Int>)] = []
        var type = Array("message".utf8)
        for line in lines {
            let colon = unit.extracting(line.start..<line.end).firstIndex(of: UInt8(ascii: ":"))
            let nameEnd = colon.map { line.start + $0 } ?? line.end
            var valueStart = min(nameEnd + 1, line.end)
            if valueStart < line.end, unit[valueStart] == Octet.space { valueStart += 1 }
            let value = valueStart..<line.end
            let name = unit.extracting(line.start..<nameEnd)
            if name.spells("data") {
                data.append((line, value))
            } else if name.spells("event") || name.spells("id") || name.spells("retry") || name.isEmpty {
                if name.spells("event"), !value.isEmpty { type = unit.extracting(value).array }
                if !value.isEmpty { found.append(.note, name: name.array, value, of: unit) }
            } else {
                // The name of a field that nobody knows is as good a place for a value as any.
                let start = found.decoded.count
                found.decoded.append(unit, line.start..<line.end)
                found.append(.note, from: start, UnitPlace(range: line.start..<line.end, isMarked: true))
            }
        }
        guard let first = data.first else { return }
        let start = found.decoded.count
        for (number, element) in data.enumerated() {
            if number > 0 { found.decoded.append(Octet.lineFeed) }
            found.decoded.append(unit, element.value)
        }
        guard found.decoded.count > start else { return }
        let further = data.dropFirst().map { $0.line.start..<$0.line.next }
        found.append(
            .data, name: type, from: start, UnitPlace(range: first.line.start..<first.line.next, further: further))
    }

    func spelling(
        _ replacement: [UInt8], for kind: DocumentText.Kind, at place: UnitPlace, in unit: Span<UInt8>
    ) throws(HTTPError) -> [UInt8] {
        guard kind == .data else {
            guard !replacement.contains(where: { $0 == Octet.lineFeed || $0 == Octet.carriageReturn || $0 == 0 }) else {
                throw .unspeakable
            }
            // What was no field that is known becomes a comment: it shall not become one that is.
            return place.isMarked ? Array(": ".utf8) + replacement : replacement
        }
        let line = unit.extracting(place.range)
        // Lines end as the first one does, and a last one that had no end has none.
        var terminator = line.count
        while terminator > 0, line[terminator - 1] == Octet.lineFeed || line[terminator - 1] == Octet.carriageReturn {
            terminator -= 1
        }
        let end = line.extracting(terminator..<line.count).array
        var spelling: [UInt8] = []
        for (number, part) in EventFormat.lines(of: replacement).enumerated() {
            if number > 0 { spelling += end.isEmpty ? [Octet.lineFeed] : end }
            spelling += Array("data: ".utf8)
            spelling += part
        }
        return spelling + end
    }

    /// At LF, CR and CRLF.
    private static func lines(of text: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            guard byte == Octet.lineFeed || byte == Octet.carriageReturn else { continue }
            lines.append(text[start..<(index - 1)])
            if byte == Octet.carriageReturn, index < text.count, text[index] == Octet.lineFeed { index += 1 }
            start = index
        }
        lines.append(text[start...])
        return lines
    }
}

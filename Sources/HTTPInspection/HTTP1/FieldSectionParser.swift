/// Reads lines up to an empty one: a start line, where there is one, and fields. It takes up where it stopped, so that what comes
/// byte by byte costs no more than what comes at once. All positions count from the section's first byte.
struct FieldSectionParser: Sendable {
    /// Where the start line ends, without its line end. nil until it is there.
    private(set) var startLineEnd: Int?
    private(set) var entries: [HTTPFields.Entry] = []
    private let hasStartLine: Bool
    private let tooLong: HTTPError
    private var lineStart = 0
    /// Up to here the line has been looked at.
    private var scanned = 0

    /// - Parameter tooLong: What is thrown for a section of more than ``HTTPLimits/head`` bytes.
    init(hasStartLine: Bool, tooLong: HTTPError) {
        self.hasStartLine = hasStartLine
        self.tooLong = tooLong
    }

    mutating func reset() {
        startLineEnd = nil
        entries = []
        lineStart = 0
        scanned = 0
    }

    /// The fields, once the section is whole. Their places count from the first byte after the start line's.
    mutating func takeEntries() -> [HTTPFields.Entry] {
        let taken = entries
        entries = []
        return taken
    }

    /// Where the bytes begin that entries count from.
    var fieldsStart: Int { startLineEnd.map { $0 + 2 } ?? 0 }

    /// - Parameter base: Where the section begins.
    /// - Returns: How many bytes it has, its last line included; nil while that is not there.
    mutating func parse(_ bytes: Span<UInt8>, from base: Int) throws(HTTPError) -> Int? {
        let section = bytes.extracting(base..<min(bytes.count, base + HTTPLimits.head))
        while true {
            let position = section.endOfFieldContent(from: scanned)
            scanned = position
            guard position < section.count else {
                if section.count == HTTPLimits.head { throw overlong }
                return nil
            }
            guard section[position] == Octet.carriageReturn else {
                throw malformed(
                    section[position] == Octet.lineFeed
                        ? "a line that ends without a carriage return" : "a line with control characters")
            }
            guard position + 1 < section.count else {
                if section.count == HTTPLimits.head { throw overlong }
                return nil
            }
            guard section[position + 1] == Octet.lineFeed else {
                throw malformed("a carriage return that ends no line")
            }
            let line = lineStart..<position
            scanned = position + 2
            lineStart = scanned
            if startLineEnd == nil, hasStartLine {
                guard !line.isEmpty else { throw malformed("an empty line before a message") }
                startLineEnd = position
            } else if line.isEmpty {
                return scanned
            } else {
                try field(section.extracting(line), at: line.lowerBound - fieldsStart)
            }
        }
    }

    private func malformed(_ reason: String) -> HTTPError {
        HTTPError(startLineEnd == nil && hasStartLine ? .malformedStartLine : .malformedField, reason)
    }

    private var overlong: HTTPError {
        // A line that long is its target.
        startLineEnd == nil && hasStartLine ? HTTPError(.oversizedTarget, status: 414, tooLong.reason) : tooLong
    }

    /// - Parameter offset: Where the line is, counted from where places of fields are.
    private mutating func field(_ line: Span<UInt8>, at offset: Int) throws(HTTPError) {
        guard entries.count < HTTPLimits.fields else {
            throw HTTPError(tooLong.code, status: tooLong.status, "more than \(HTTPLimits.fields) fields")
        }
        var name = 0
        var hash = NameHash.start
        while name < line.count, Octet.isToken(line[name]) {
            hash = NameHash.next(hash, line[name])
            name += 1
        }
        guard name < line.count, line[name] == UInt8(ascii: ":"), (1...HTTPLimits.fieldName).contains(name) else {
            let isFold = Octet.isWhitespace(line[0])
            throw HTTPError(.malformedField, isFold ? "a folded field" : "a field without a name that is a token")
        }
        var (start, end) = (name + 1, line.count)
        while start < end, Octet.isWhitespace(line[start]) { start += 1 }
        while start < end, Octet.isWhitespace(line[end - 1]) { end -= 1 }
        if entries.isEmpty { entries.reserveCapacity(16) }
        entries.append(
            HTTPFields.Entry(
                nameStart: UInt32(truncatingIfNeeded: offset), valueStart: UInt32(truncatingIfNeeded: offset + start),
                valueCount: UInt32(truncatingIfNeeded: end - start), nameCount: UInt16(truncatingIfNeeded: name),
                nameHash: hash))
    }
}

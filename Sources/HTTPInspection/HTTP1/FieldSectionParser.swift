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
        let available = bytes.count - base
        let end = min(available, HTTPLimits.head)
        while true {
            var position = scanned
            while position < end, Octet.isFieldContent(bytes[base + position]) { position += 1 }
            scanned = position
            guard position < end else {
                if end == HTTPLimits.head { throw overlong }
                return nil
            }
            guard bytes[base + position] == Octet.carriageReturn else {
                let isLineFeed = bytes[base + position] == Octet.lineFeed
                throw HTTPError(
                    startLineEnd == nil && hasStartLine ? .malformedStartLine : .malformedField,
                    isLineFeed ? "a line that ends without a carriage return" : "a line with control characters")
            }
            guard position + 1 < end else {
                if end == HTTPLimits.head { throw overlong }
                return nil
            }
            guard bytes[base + position + 1] == Octet.lineFeed else {
                throw HTTPError(
                    startLineEnd == nil && hasStartLine ? .malformedStartLine : .malformedField,
                    "a carriage return that ends no line")
            }
            let line = lineStart..<position
            scanned = position + 2
            lineStart = scanned
            if startLineEnd == nil, hasStartLine {
                guard !line.isEmpty else { throw HTTPError(.malformedStartLine, "an empty line before a message") }
                startLineEnd = position
            } else if line.isEmpty {
                return scanned
            } else {
                try field(bytes, base, line)
            }
        }
    }

    private var overlong: HTTPError {
        // A line that long is its target.
        startLineEnd == nil && hasStartLine ? HTTPError(.oversizedTarget, status: 414, tooLong.reason) : tooLong
    }

    private mutating func field(_ bytes: Span<UInt8>, _ base: Int, _ line: Range<Int>) throws(HTTPError) {
        guard entries.count < HTTPLimits.fields else {
            throw HTTPError(tooLong.code, status: tooLong.status, "more than \(HTTPLimits.fields) fields")
        }
        var position = line.lowerBound
        var hash = NameHash.start
        while position < line.upperBound {
            let byte = bytes[base + position]
            guard Octet.isToken(byte) else { break }
            hash = NameHash.next(hash, byte)
            position += 1
        }
        let name = line.lowerBound..<position
        guard position < line.upperBound, bytes[base + position] == UInt8(ascii: ":"),
            (1...HTTPLimits.fieldName).contains(name.count)
        else {
            let isFold = Octet.isWhitespace(bytes[base + line.lowerBound])
            throw HTTPError(.malformedField, isFold ? "a folded field" : "a field without a name that is a token")
        }
        var (start, end) = (position + 1, line.upperBound)
        while start < end, Octet.isWhitespace(bytes[base + start]) { start += 1 }
        while start < end, Octet.isWhitespace(bytes[base + end - 1]) { end -= 1 }
        if entries.isEmpty { entries.reserveCapacity(16) }
        let origin = fieldsStart
        entries.append(
            HTTPFields.Entry(
                nameStart: UInt32(truncatingIfNeeded: name.lowerBound - origin),
                valueStart: UInt32(truncatingIfNeeded: start - origin),
                valueCount: UInt32(truncatingIfNeeded: end - start), nameCount: UInt16(truncatingIfNeeded: name.count),
                nameHash: hash))
    }
}

/// What stands between the parts of a multipart body.
struct Boundary: Sendable {
    /// A delimiter's line, without its line ends: two hyphens and the boundary.
    let delimiter: [UInt8]

    /// - Throws: for what is no boundary (RFC 2046 §5.1.1): some take it in another way.
    init(of mediaType: MediaType) throws(HTTPError) {
        guard let boundary = mediaType.boundary, (1...70).contains(boundary.count),
            boundary.allSatisfy(Boundary.isAllowed), boundary.last != Octet.space
        else {
            throw HTTPError(
                .malformedBody, "a multipart body without a boundary of 1 to 70 letters that boundaries have")
        }
        delimiter = Array("--".utf8) + boundary
    }

    /// Whether one of two could be read in the other's place.
    func isLike(_ other: Boundary) -> Bool {
        delimiter.starts(with: other.delimiter) || other.delimiter.starts(with: delimiter)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        Octet.isLetter(byte) || Octet.isDigit(byte) || "'()+_,-./:=? ".utf8.contains(byte)
    }
}

extension Span<UInt8> {
    enum Beginning {
        case yes, no
        /// What there is could be its beginning.
        case maybe
    }

    /// Whether the bytes from a place on begin with others.
    func begins(with wanted: [UInt8], at start: Int) -> Beginning {
        for (offset, byte) in wanted.enumerated() {
            guard start + offset < count else { return .maybe }
            guard self[start + offset] == byte else { return .no }
        }
        return .yes
    }

    /// Where the first carriage return or line feed is in a range, which is within the bytes.
    func firstLineEnd(in range: Range<Int>) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound {
            if self[index] == Octet.lineFeed || self[index] == Octet.carriageReturn { return index }
            index += 1
        }
        return nil
    }
}

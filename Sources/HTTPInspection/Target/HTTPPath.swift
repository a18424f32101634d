/// A path as policy sees it: its segments, decoded once.
public struct HTTPPath: Hashable, Sendable {
    /// What stands between slashes, percent-decoded once; none for `/`. A slash at the end makes no segment: servers take
    /// `/a/` for `/a`, or send a client from one to the other.
    public let segments: [String]
    public let endsWithSlash: Bool
    public let ambiguities: HTTPAmbiguities

    public init(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        var segments: [String] = []
        var ambiguities: HTTPAmbiguities = []
        var endsWithSlash = false
        var start = bytes.first == UInt8(ascii: "/") ? 1 : 0
        var isOver = start == bytes.count
        while !isOver {
            let stop = bytes[start...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.count
            isOver = stop == bytes.count
            if isOver, start == stop {
                endsWithSlash = true
            } else {
                segments.append(HTTPPath.segment(bytes[start..<stop], &ambiguities))
            }
            start = stop + 1
        }
        self.segments = segments
        self.ambiguities = ambiguities
        self.endsWithSlash = endsWithSlash
    }

    private static func segment(_ bytes: ArraySlice<UInt8>, _ ambiguities: inout HTTPAmbiguities) -> String {
        let text = PercentDecoding.decode(bytes, plusIsSpace: false, &ambiguities)
        if text.isEmpty { ambiguities.insert(.emptySegment) }
        if text == "." || text == ".." { ambiguities.insert(.dotSegment) }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "/"): ambiguities.insert(.encodedSlash)
            case UInt8(ascii: "\\"): ambiguities.insert(.backslash)
            case UInt8(ascii: ";"):
                ambiguities.insert(.semicolon)
                // `..;` is `..` to whoever cuts the segment there.
                let name = text.utf8.prefix { $0 != UInt8(ascii: ";") }
                if name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) { ambiguities.insert(.dotSegment) }
            default: break
            }
        }
        return text
    }
}

/// Takes a request path glob apart.
enum RequestPathGlob {
    static func encode(_ text: String) throws(GlobError) -> [UInt8] {
        let bytes = Array(text.utf8)
        let slash = UInt8(ascii: "/")
        let star = UInt8(ascii: "*")
        guard bytes.first == slash else { throw GlobError(.noPath, in: text) }
        // What stands before the first slash is a component too, an empty one, so that no path is without any.
        var components: [[[UInt8]]] = [[[]]]
        guard bytes.count > 1 else { return GlobPattern.encode(components) }
        let segments = bytes.dropFirst().split(separator: slash, omittingEmptySubsequences: false)
        guard segments.count <= Glob.maximumSegments + 1 else { throw GlobError(.tooManySegments, in: text) }
        for (index, segment) in segments.enumerated() {
            if segment.isEmpty { throw GlobError(.emptySegment, in: text) }
            if segment.elementsEqual([star, star]) {
                guard index == segments.count - 1 else { throw GlobError(.misplacedDoubleStar, in: text) }
                return GlobPattern.encode(components, isOpen: true)
            }
            guard !isDoubled(star, in: segment) else { throw GlobError(.misplacedDoubleStar, in: text) }
            var component = GlobParser.Component()
            for byte in segment { component.append(byte) }
            guard component.segments.count <= Glob.maximumWildcards + 1 else {
                throw GlobError(.tooManyWildcards, in: text)
            }
            components.append(component.segments)
        }
        guard components.count <= GlobPattern.Form.requestPath.maximumComponents else {
            throw GlobError(.tooManySegments, in: text)
        }
        return GlobPattern.encode(components)
    }

    private static func isDoubled(_ byte: UInt8, in bytes: ArraySlice<UInt8>) -> Bool {
        zip(bytes, bytes.dropFirst()).contains { $0 == byte && $1 == byte }
    }
}

/// Bytes that can be read at any offset: outside, they are zero.
protocol ByteSource {
    var count: Int { get }
    func byte(at offset: Int) -> UInt8
}

struct ArrayBytes: ByteSource {
    let bytes: [UInt8]
    var count: Int { bytes.count }
    func byte(at offset: Int) -> UInt8 { bytes.indices.contains(offset) ? bytes[offset] : 0 }
}

/// A glob's encoded form, and its matching.
///
///     components: u8              0: every path matches; with bit 7, any number of others may follow
///     each component:
///         segments: u8            1 + its wildcards
///         each segment: length u16 little-endian, bytes
enum GlobPattern {
    /// What a pattern is matched with.
    enum Form {
        case name
        case requestPath

        var maximumComponents: Int {
            switch self {
            case .name: Glob.maximumComponents
            case .requestPath: 1 + Glob.maximumSegments
            }
        }

        /// The longest encoded form there can be: a length for every segment besides the text.
        var maximumEncodedLength: Int {
            Glob.maximumLength + 1 + maximumComponents * (1 + 2 * (Glob.maximumWildcards + 1))
        }
    }

    private static let openBit: UInt8 = 0x80

    /// Whether others may follow the components that this byte counts.
    static func isOpen(_ count: UInt8) -> Bool { count & openBit != 0 }

    static func encode(_ components: [[[UInt8]]], isOpen: Bool = false) -> [UInt8] {
        var bytes = [UInt8(truncatingIfNeeded: components.count) | (isOpen ? openBit : 0)]
        for component in components {
            bytes.append(UInt8(truncatingIfNeeded: component.count))
            for segment in component {
                bytes.append(UInt8(truncatingIfNeeded: segment.count))
                bytes.append(UInt8(truncatingIfNeeded: segment.count >> 8))
                bytes.append(contentsOf: segment)
            }
        }
        return bytes
    }

    /// The segments of every component. What does not hold together ends early.
    static func components(of bytes: [UInt8]) -> [[[UInt8]]] {
        let source = ArrayBytes(bytes: bytes)
        var cursor = 1
        return (0..<Int(source.byte(at: 0) & ~openBit)).map { _ in
            let segments = Int(source.byte(at: cursor))
            cursor += 1
            return (0..<segments).map { _ in
                let segment = Segment(source, at: cursor)
                cursor = segment.end
                return (segment.start..<segment.end).map(source.byte(at:))
            }
        }
    }

    /// Whether the bytes are one well-formed pattern and nothing else.
    static func isValid(_ source: some ByteSource, as form: Form) -> Bool {
        guard source.count >= 1, source.count <= form.maximumEncodedLength else { return false }
        let count = Int(source.byte(at: 0) & ~openBit)
        guard count <= form.maximumComponents, form == .requestPath ? count > 0 : !isOpen(source.byte(at: 0)) else {
            return false
        }
        var cursor = 1
        for _ in 0..<count {
            let segments = Int(source.byte(at: cursor))
            guard segments >= 1, segments <= Glob.maximumWildcards + 1 else { return false }
            cursor += 1
            for _ in 0..<segments {
                cursor = Segment(source, at: cursor).end
                if cursor > source.count { return false }
            }
        }
        return cursor == source.count
    }

    static func matches(_ source: some ByteSource, _ path: NamePath) -> Bool {
        let count = Int(source.byte(at: 0) & ~openBit)
        if count == 0 { return source.count == 1 && !path.components.isEmpty }
        let isOpen = isOpen(source.byte(at: 0))
        guard count == path.components.count || isOpen && count < path.components.count else { return false }
        var cursor = 1
        for component in path.components.prefix(count) {
            guard cursor < source.count else { return false }
            guard matchComponent(source, &cursor, component) else { return false }
        }
        return true
    }

    /// A segment's bytes are `start..<end`.
    private struct Segment {
        let start: Int
        let end: Int

        init(_ source: some ByteSource, at offset: Int) {
            start = offset + 2
            end = start + Int(source.byte(at: offset)) + Int(source.byte(at: offset + 1)) << 8
        }
    }

    /// Prefix, suffix, and the literals between at the first place where each fits: with `*` the only wildcard, a later
    /// place never helps.
    private static func matchComponent(_ source: some ByteSource, _ cursor: inout Int, _ text: [UInt8]) -> Bool {
        let segments = Int(source.byte(at: cursor))
        cursor += 1
        guard segments > 0 else { return false }
        let first = Segment(source, at: cursor)
        cursor = first.end
        guard starts(text, at: 0, with: first, source) else { return false }
        if segments == 1 { return text.count == first.end - first.start }
        var position = first.end - first.start
        for _ in 0..<(segments - 2) {
            let segment = Segment(source, at: cursor)
            cursor = segment.end
            while !starts(text, at: position, with: segment, source) {
                position += 1
                if position > text.count { return false }
            }
            position += segment.end - segment.start
        }
        let last = Segment(source, at: cursor)
        cursor = last.end
        let tail = text.count - (last.end - last.start)
        return tail >= position && starts(text, at: tail, with: last, source)
    }

    private static func starts(_ text: [UInt8], at position: Int, with segment: Segment, _ source: some ByteSource)
        -> Bool
    {
        let length = segment.end - segment.start
        guard position <= text.count - length else { return false }
        for index in 0..<length where text[position + index] != source.byte(at: segment.start + index) {
            return false
        }
        return true
    }
}

import WireBytes

/// A format whose documents are a sequence of units (lines, events, pairs, records), each of which is looked at as a whole.
protocol UnitFormat: Sendable {
    /// Looks for the end of the unit that the bytes begin with. It takes up where it stopped: until it has found an end, the bytes
    /// begin with the same unit.
    ///
    /// - Parameter isFinal: Nothing comes after these bytes, of which there is at least one.
    /// - Returns: How many bytes the unit has, at least one; nil while its end is not there.
    mutating func end(in bytes: Span<UInt8>, isFinal: Bool) throws(HTTPError) -> Int?

    /// The texts of the unit that was found last.
    mutating func texts(in unit: Span<UInt8>, _ found: inout UnitTexts) throws(HTTPError)

    /// How a replacement is spelt in a text's place.
    func spelling(
        _ replacement: [UInt8], for kind: DocumentText.Kind, at place: UnitPlace, in unit: Span<UInt8>
    ) throws(HTTPError) -> [UInt8]
}

/// Where a text is in its unit.
struct UnitPlace: Sendable {
    /// What a replacement is written for. Places of a unit's texts do not overlap.
    let range: Range<Int>
    /// What goes without being written anew when the text is replaced: the further lines of its value.
    var further: [Range<Int>] = []
    /// For the format: how it was spelt.
    var isMarked = false
}

/// The texts of a unit, decoded.
struct UnitTexts: Sendable {
    private(set) var texts: [DocumentText] = []
    private(set) var places: [UnitPlace] = []
    /// What texts' ranges are in.
    var decoded: [UInt8] = []

    mutating func reset() {
        texts.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        // A long text's memory is given back.
        decoded.removeAll(keepingCapacity: decoded.capacity <= HTTPLimits.contentWindow)
    }

    /// A text that stands in its place as it is.
    mutating func append(_ kind: DocumentText.Kind, name: [UInt8] = [], _ range: Range<Int>, of unit: Span<UInt8>) {
        let start = decoded.count
        decoded.append(unit, range)
        append(kind, name: name, from: start, UnitPlace(range: range))
    }

    /// A text that was appended to ``decoded`` from `start` on.
    mutating func append(_ kind: DocumentText.Kind, name: [UInt8] = [], from start: Int, _ place: UnitPlace) {
        texts.append(DocumentText(kind, name: name, start..<decoded.count))
        places.append(place)
    }
}

/// Reads units and writes them, with what was replaced.
struct DocumentUnits<Format: UnitFormat>: Sendable {
    var format: Format
    private let limit: Int
    private var input = InputBuffer()
    private var isFinished = false
    /// Bytes of the unit whose texts are given out.
    private var unit = 0
    private var found = UnitTexts()
    /// The texts of it that were given out.
    private var given = 0
    private var edits: [Edit] = []
    /// How many texts had been given when the last was replaced, and where the edits of that begin; 0: none was.
    private var edited = 0
    private var editsOfText = 0
    private var failure: HTTPError?

    private struct Edit: Sendable {
        let range: Range<Int>
        let spelling: [UInt8]
    }

    /// - Parameter limit: Bytes of a unit at the most.
    init(_ format: Format, limit: Int) {
        self.format = format
        self.limit = limit
    }

    var decoded: [UInt8] { found.decoded }

    mutating func append(_ bytes: Span<UInt8>) {
        input.append(bytes)
    }

    mutating func finish() {
        isFinished = true
    }

    mutating func next(into output: inout [UInt8]) throws(HTTPError) -> DocumentText? {
        if let failure { throw failure }
        do throws(HTTPError) {
            while given == found.texts.count {
                write(into: &output)
                guard try begin() else { return nil }
            }
            given += 1
            return found.texts[given - 1]
        } catch {
            failure = error
            throw error
        }
    }

    mutating func replace(with replacement: [UInt8]) throws(HTTPError) {
        guard given > 0, given <= found.places.count else { return }
        let place = found.places[given - 1]
        let bytes = input.bytes
        let spelling = try format.spelling(
            replacement, for: found.texts[given - 1].kind, at: place, in: bytes.span.extracting(input.range))
        // Another replacement of the same text takes the place of the last; other texts stand elsewhere.
        if edited == given {
            edits.removeSubrange(editsOfText...)
        } else {
            (edited, editsOfText) = (given, edits.count)
        }
        edits.append(Edit(range: place.range, spelling: spelling))
        for range in place.further { edits.append(Edit(range: range, spelling: [])) }
    }

    /// - Returns: Whether there is another unit.
    private mutating func begin() throws(HTTPError) -> Bool {
        guard !input.isEmpty else { return false }
        let bytes = input.bytes
        let count = try format.end(in: bytes.span.extracting(input.range), isFinal: isFinished)
        guard (count ?? input.count) <= limit else {
            throw HTTPError(
                .oversizedBody, status: 413, "a part of a body that is looked at whole, of more than \(limit) bytes")
        }
        guard let count else { return false }
        unit = count
        let start = input.start
        try format.texts(in: bytes.span.extracting(start..<(start + count)), &found)
        return true
    }

    private mutating func write(into output: inout [UInt8]) {
        guard unit > 0 else { return }
        // Texts need not be given out in the order in which they stand.
        if edits.count > 1 { edits.sort { $0.range.lowerBound < $1.range.lowerBound } }
        var position = 0
        for edit in edits {
            copy(position..<edit.range.lowerBound, into: &output)
            output += edit.spelling
            position = edit.range.upperBound
        }
        copy(position..<unit, into: &output)
        edits.removeAll(keepingCapacity: true)
        edited = 0
        input.consume(unit)
        unit = 0
        given = 0
        found.reset()
    }

    private func copy(_ range: Range<Int>, into output: inout [UInt8]) {
        output.append(input.bytes.span.extracting(input.start..<(input.start + unit)), range)
    }
}

extension [UInt8] {
    /// - Parameter range: Of the span's bytes; nothing where it is not within.
    mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count, !range.isEmpty else { return }
        unsafe bytes.extracting(range).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

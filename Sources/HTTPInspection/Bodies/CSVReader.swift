/// A table in `text/csv` (RFC 4180): of each record its cells, without their quotes, with the column's header for a name. A cell in quotes may
/// have line ends in it. Empty cells are left out. What programs read in different ways is refused: a quote in a cell that does not begin with
/// one, anything between a closing quote and the next separator, a carriage return that ends no line.
public struct CSVReader: DocumentReader {
    private var units: DocumentUnits<CSVFormat>

    /// - Parameters:
    ///   - separator: A comma, but in `text/tab-separated-values`.
    ///   - hasHeader: Whether the first record says what columns are called. Its cells are given like others, without a name.
    ///   - limit: Bytes of a record at the most.
    public init(
        separator: UInt8 = UInt8(ascii: ","), hasHeader: Bool = true, limit: Int = HTTPLimits.documentUnit
    ) {
        units = DocumentUnits(CSVFormat(separator: separator, hasHeader: hasHeader), limit: limit)
    }

    public var decoded: [UInt8] { units.decoded }

    public mutating func append(_ bytes: Span<UInt8>) { units.append(bytes) }

    public mutating func finish() { units.finish() }

    /// - Throws: also for records of more cells than ``HTTPLimits/columns``.
    public mutating func next(into output: inout [UInt8]) throws(HTTPError) -> DocumentText? {
        try units.next(into: &output)
    }

    public mutating func replace(with replacement: [UInt8]) throws(HTTPError) {
        try units.replace(with: replacement)
    }
}

private struct CSVFormat: UnitFormat {
    private enum State {
        case start, plain, quoted
        /// After a quote in quotes: the cell is over, or it is one of two.
        case quote
    }

    private struct Cell: Sendable {
        let range: Range<Int>
        let isQuoted: Bool
    }

    private let separator: UInt8
    private let hasHeader: Bool
    private var state = State.start
    private var scanned = 0
    private var cellStart = 0
    private var cells: [Cell] = []
    private var header: [[UInt8]]?
    private var isFirst = true

    private static let quote = UInt8(ascii: "\"")

    init(separator: UInt8, hasHeader: Bool) {
        self.separator = separator
        self.hasHeader = hasHeader
    }

    mutating func end(in bytes: Span<UInt8>, isFinal: Bool) throws(HTTPError) -> Int? {
        if scanned == 0 {
            cells.removeAll(keepingCapacity: true)
            if isFirst {
                guard bytes.count >= 3 || isFinal else { return nil }
                scanned = ByteOrderMark.utf8Count(bytes)
                cellStart = scanned
                isFirst = false
            }
        }
        while scanned < bytes.count {
            let byte = bytes[scanned]
            if case .quoted = state {
                if byte == CSVFormat.quote { state = .quote }
                scanned += 1
                continue
            }
            switch byte {
            case separator:
                try endCell()
                scanned += 1
                cellStart = scanned
            case Octet.lineFeed:
                try endCell()
                return finish(scanned + 1)
            case Octet.carriageReturn:
                guard scanned + 1 < bytes.count else {
                    guard isFinal else { return nil }
                    throw CSVFormat.ambiguous
                }
                guard bytes[scanned + 1] == Octet.lineFeed else { throw CSVFormat.ambiguous }
                try endCell()
                return finish(scanned + 2)
            case CSVFormat.quote:
                switch state {
                case .start, .quote: state = .quoted
                case .plain, .quoted: throw CSVFormat.ambiguous
                }
                scanned += 1
            default:
                if case .quote = state { throw CSVFormat.ambiguous }
                state = .plain
                scanned += 1
            }
        }
        guard isFinal else { return nil }
        if case .quoted = state {
            throw HTTPError(.malformedBody, "a table that ends within quotes")
        }
        try endCell()
        return finish(bytes.count)
    }

    private mutating func endCell() throws(HTTPError) {
        guard cells.count < HTTPLimits.columns else {
            throw HTTPError(.oversizedBody, status: 413, "a table of more than \(HTTPLimits.columns) columns")
        }
        let isQuoted = if case .quote = state { true } else { false }
        cells.append(Cell(range: cellStart..<scanned, isQuoted: isQuoted))
        state = .start
    }

    private mutating func finish(_ end: Int) -> Int {
        scanned = 0
        cellStart = 0
        return end
    }

    mutating func texts(in unit: Span<UInt8>, _ found: inout UnitTexts) {
        let names = header ?? []
        var read: [[UInt8]] = []
        let isHeader = hasHeader && header == nil
        for (column, cell) in cells.enumerated() {
            let start = found.decoded.count
            if cell.isQuoted {
                let content = (cell.range.lowerBound + 1)..<max(cell.range.lowerBound + 1, cell.range.upperBound - 1)
                CSVFormat.unquote(unit.extracting(content), into: &found.decoded)
            } else {
                found.decoded.append(unit, cell.range)
            }
            if isHeader { read.append(Array(found.decoded[start...])) }
            guard found.decoded.count > start else { continue }
            found.append(
                .value, name: column < names.count ? names[column] : [], from: start,
                UnitPlace(range: cell.range, isMarked: cell.isQuoted))
        }
        if isHeader { header = read }
    }

    private static func unquote(_ content: Span<UInt8>, into decoded: inout [UInt8]) {
        var index = 0
        while let quote = content.firstIndex(of: quote, from: index) {
            decoded.append(content, index..<(quote + 1))
            index = quote + 2
        }
        if index < content.count { decoded.append(content, index..<content.count) }
    }

    func spelling(
        _ replacement: [UInt8], for kind: DocumentText.Kind, at place: UnitPlace, in unit: Span<UInt8>
    ) throws(HTTPError) -> [UInt8] {
        let needsQuotes = replacement.contains {
            $0 == CSVFormat.quote || $0 == separator || $0 == Octet.lineFeed || $0 == Octet.carriageReturn
        }
        guard needsQuotes || place.isMarked else { return replacement }
        var spelling = [CSVFormat.quote]
        for byte in replacement {
            if byte == CSVFormat.quote { spelling.append(byte) }
            spelling.append(byte)
        }
        spelling.append(CSVFormat.quote)
        return spelling
    }

    private static let ambiguous = HTTPError(
        .ambiguousBody, "a table with a quote or a carriage return that programs read in different ways")
}

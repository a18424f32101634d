import HTTPInspection

/// What an answer shows, as budgets count it.
public struct ShownContent: Hashable, Sendable {
    /// How much it lists: the elements of those arrays of a JSON document that stand in no other array, and one where there are none.
    public var rows: UInt64 = 0
    /// Of whose masked form something shows.
    public var values: [ShownFinding] = []
    /// How much it lists cannot be told.
    public var isUncountable = false
}

/// Counts what an answer lists: of lines and events each for itself, of a table its lines but the first. Bytes may come in any pieces.
struct RowCounter: Sendable {
    private enum Form { case document, lines, events, table, whole }

    private let form: Form
    private var document = JSONRows()
    /// In units that are over.
    private var counted: UInt64 = 0
    private var taken: UInt64 = 0

    // Of a table's line, or an event's.
    private var isQuoted = false
    private var isLineEmpty = true
    private var lineCount: UInt64 = 0
    /// How much of `data:` the line begins with.
    private var prefix = 0
    private var isData = false

    private static let data = Array("data:".utf8)

    /// - Parameter isModel: It is the answer of a model's API, which is one, however many pieces it comes in.
    /// - Returns: `nil` for a form of which it cannot be told.
    init?(_ form: BodyReading.Form, isModel: Bool) {
        switch form {
        case _ where isModel: self.form = .whole
        case .json: self.form = .document
        case .jsonLines: self.form = .lines
        case .eventStream: self.form = .events
        case .csv, .tabSeparated: self.form = .table
        case .form, .multipart, .xml, .html, .text, .opaque: return nil
        }
    }

    /// How many there are so far.
    var rows: UInt64 {
        switch form {
        case .document, .lines, .events: counted + document.rows
        case .table: lineCount > 0 ? lineCount - 1 : 0
        case .whole: counted
        }
    }

    /// How many there are that were not taken yet.
    mutating func takeRows() -> UInt64 {
        defer { taken = max(taken, rows) }
        return rows > taken ? rows - taken : 0
    }

    mutating func take(_ bytes: Span<UInt8>) {
        switch form {
        case .whole: if bytes.count > 0 { counted = 1 }
        case .document: for index in 0..<bytes.count { document.take(bytes[index]) }
        case .lines:
            for index in 0..<bytes.count {
                if bytes[index] == Octet.lineFeed { endUnit() } else { document.take(bytes[index]) }
            }
        case .events: for index in 0..<bytes.count { takeOfEvents(bytes[index]) }
        case .table: for index in 0..<bytes.count { takeOfTable(bytes[index]) }
        }
    }

    private mutating func endUnit() {
        counted += document.rows
        document = JSONRows()
    }

    private mutating func takeOfTable(_ byte: UInt8) {
        if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
        if !isQuoted, byte == Octet.lineFeed || byte == Octet.carriageReturn {
            isLineEmpty = true
        } else if isLineEmpty {
            isLineEmpty = false
            lineCount += 1
        }
    }

    private mutating func takeOfEvents(_ byte: UInt8) {
        if byte == Octet.lineFeed || byte == Octet.carriageReturn {
            // What two ends of a line are, or one, is nobody's difference here: an event without data lists nothing.
            if isLineEmpty { endUnit() }
            (isLineEmpty, isData, prefix) = (true, false, 0)
            return
        }
        isLineEmpty = false
        if isData {
            document.take(byte)
        } else if prefix < Self.data.count, byte == Self.data[prefix] {
            prefix += 1
            isData = prefix == Self.data.count
        } else {
            prefix = Self.data.count
        }
    }
}

/// Counts in one JSON document; what is none is one.
private struct JSONRows {
    private var elements: UInt64 = 0
    private var isEmpty = true
    private var isString = false
    private var isEscaped = false
    private var depth = 0
    /// How deep the array is that stands in no other; 0: there is none.
    private var listDepth = 0
    private var isElement = false

    var rows: UInt64 { isEmpty ? 0 : max(1, elements) }

    mutating func take(_ byte: UInt8) {
        if isString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isString = false
            }
            return
        }
        guard byte > 0x20 else { return }
        isEmpty = false
        switch byte {
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            if depth == listDepth { listDepth = 0 }
            depth = max(0, depth - 1)
            return
        case UInt8(ascii: ","):
            if depth == listDepth { isElement = false }
            return
        default: break
        }
        if listDepth > 0, depth == listDepth, !isElement {
            isElement = true
            elements += 1
        }
        switch byte {
        case UInt8(ascii: "\""): isString = true
        case UInt8(ascii: "["):
            depth += 1
            if listDepth == 0 { (listDepth, isElement) = (depth, false) }
        case UInt8(ascii: "{"): depth += 1
        default: break
        }
    }
}

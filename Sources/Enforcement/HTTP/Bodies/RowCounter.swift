import HTTPInspection

/// Counts what an answer lists: of lines and events each for itself, of a table its lines but the first. Bytes may come in any pieces.
struct RowCounter: Sendable {
    private enum Form { case document, units, table, whole }

    private let form: Form
    /// Of units: knows where each ends.
    private var reader: (any DocumentReader)?
    private var written: [UInt8] = []
    private var document = JSONRows()
    /// In units, or of a whole.
    private var counted: UInt64 = 0

    // Of a table's line.
    private var isQuoted = false
    private var isLineEmpty = true
    private var lineCount: UInt64 = 0

    /// - Parameter isModel: It is the answer of a model's API, which is one, however many pieces it comes in.
    /// - Returns: `nil` for a form of which it cannot be told.
    init?(_ form: BodyReading.Form, isModel: Bool) {
        switch form {
        case _ where isModel: self.form = .whole
        case .json: self.form = .document
        case .jsonLines: (self.form, reader) = (.units, LineReader())
        case .eventStream: (self.form, reader) = (.units, EventStreamReader())
        case .csv, .tabSeparated: self.form = .table
        case .form, .multipart, .xml, .html, .text, .opaque: return nil
        }
    }

    /// How many there are so far.
    var rows: UInt64 {
        switch form {
        case .document: document.rows
        // The first line is its columns' names, where there is another.
        case .table: lineCount > 1 ? lineCount - 1 : lineCount
        case .units, .whole: counted
        }
    }

    /// Of a document the elements of its lists alone.
    var listed: UInt64 { document.elements }

    mutating func take(_ bytes: Span<UInt8>) {
        switch form {
        case .whole: if bytes.count > 0 { counted = 1 }
        case .document: for index in 0..<bytes.count { document.take(bytes[index]) }
        case .table: for index in 0..<bytes.count { takeOfTable(bytes[index]) }
        case .units:
            reader?.append(bytes)
            countUnits()
        }
    }

    /// Nothing more comes.
    mutating func finish() {
        reader?.finish()
        countUnits()
    }

    private mutating func countUnits() {
        // What the reader does not take is not shown either: whoever masks it reads it likewise.
        while let text = try? reader?.next(into: &written) {
            written.removeAll(keepingCapacity: true)
            guard text.kind == .data || text.kind == .line else { continue }
            var document = JSONRows()
            for byte in reader?.bytes(of: text) ?? [] { document.take(byte) }
            counted += document.rows
        }
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
}

/// Counts in JSON: the elements of arrays that stand in no other, those of arrays within them that are objects or arrays themselves, and one
/// for each document without any array. What is no JSON is counted by its words.
private struct JSONRows {
    private enum Container { case object, list, inner }

    private(set) var elements: UInt64 = 0
    private var isString = false
    private var isEscaped = false
    private var open: [Container] = []
    /// A value has begun where one is due.
    private var isValue = false
    private var hasList = false
    private var documents: UInt64 = 0
    private var listedDocuments: UInt64 = 0

    /// So deep are documents that are looked into; what is deeper is refused before it is shown.
    private static let deepest = 1_024

    var rows: UInt64 { elements + documents - listedDocuments }

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
        guard byte > 0x20 else {
            if open.isEmpty { isValue = false }
            return
        }
        switch byte {
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            _ = open.popLast()
            isValue = !open.isEmpty
        case UInt8(ascii: ","): isValue = false
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            begin(isStructure: true)
            guard open.count < Self.deepest else { return }
            if byte == UInt8(ascii: "{") {
                open.append(.object)
            } else {
                let isInner = open.contains { $0 != .object }
                if !hasList, !isInner {
                    hasList = true
                    listedDocuments += 1
                }
                open.append(isInner ? .inner : .list)
            }
            isValue = false
        default:
            begin(isStructure: false)
            if byte == UInt8(ascii: "\"") { isString = true }
        }
    }

    private mutating func begin(isStructure: Bool) {
        guard let container = open.last else {
            guard !isValue else { return }
            isValue = true
            documents += 1
            hasList = false
            return
        }
        // A member's value follows its name: both are of the object.
        guard !isValue else { return }
        isValue = true
        if container == .list || container == .inner && isStructure { elements += 1 }
    }
}

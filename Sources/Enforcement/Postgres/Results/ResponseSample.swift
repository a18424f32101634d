import PostgresWire

/// The beginning of a response, as the client got it, in COPY's text format with a header line: what a record keeps.
struct ResponseSample {
    private(set) var bytes: [UInt8] = []
    private(set) var isTruncated = false
    private let maximum: Int

    init(columns: [[UInt8]], maximum: UInt64) {
        self.maximum = Int(clamping: maximum)
        appendRow(columns.map { $0 })
    }

    /// Nothing more is kept; rows need not be looked at for it.
    var isFull: Bool { isTruncated }

    /// Whether a row of that length on the wire is longer than all that may be kept, whatever its values are.
    func isExceeded(by rowLength: Int) -> Bool { rowLength - ResponseSample.shrinkage > maximum }

    /// What a row of 1,664 short binary values may lose when it becomes text, with room.
    private static let shrinkage = 64 << 10

    /// Ends the sample at a row that would not fit, which need not be taken apart for that.
    mutating func truncate() { isTruncated = true }

    /// - Parameter values: text forms; `nil` is NULL.
    mutating func appendRow(_ values: [[UInt8]?]) {
        guard !isTruncated else { return }
        var line: [UInt8] = []
        for (index, value) in values.enumerated() {
            if index > 0 { line.append(UInt8(ascii: "\t")) }
            guard let value else {
                line.append(contentsOf: "\\N".utf8)
                continue
            }
            CopyText.escape(value, into: &line)
            if line.count > maximum { break }
        }
        line.append(UInt8(ascii: "\n"))
        appendLine(line)
    }

    /// A line that is in COPY's text format already, or of a COPY in another.
    mutating func appendLine(_ line: [UInt8]) {
        guard !isTruncated else { return }
        guard bytes.count + line.count <= maximum else {
            isTruncated = true
            return
        }
        bytes.append(contentsOf: line)
    }
}

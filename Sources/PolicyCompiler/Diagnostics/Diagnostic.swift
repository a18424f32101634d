/// Something to say about a policy's source: what is wrong, where, and the mend.
public struct Diagnostic: Hashable, Sendable {
    public enum Severity: String, Hashable, Sendable {
        /// The policy does not compile.
        case error
        /// The policy compiles, and probably does not do what its author meant.
        case warning
    }

    /// Another place that belongs to the fault.
    public struct Note: Hashable, Sendable {
        public var location: SourceLocation
        public var message: String

        public init(location: SourceLocation, message: String) {
            self.location = location
            self.message = message
        }
    }

    public var severity: Severity
    /// `nil` when the fault belongs to no one place (a section that is missing from every file).
    public var location: SourceLocation?
    /// One line, for a person, with the value that is at fault.
    public var message: String
    /// What to write or do instead, in one line.
    public var suggestion: String?
    public var notes: [Note]

    public init(
        severity: Severity, location: SourceLocation?, message: String, suggestion: String? = nil, notes: [Note] = []
    ) {
        self.severity = severity
        self.location = location
        self.message = message
        self.suggestion = suggestion
        self.notes = notes
    }
}

extension Diagnostic: CustomStringConvertible {
    /// `file:line:column: error: message; suggestion`, and a line for each note.
    public var description: String {
        var text = location.map { "\($0): " } ?? ""
        text += "\(severity.rawValue): \(message)"
        if let suggestion { text += "; \(suggestion)" }
        for note in notes { text += "\n\(note.location): note: \(note.message)" }
        return text
    }
}

/// Where diagnostics are gathered. Bounded, so that a file of nonsense does not answer with a book.
struct DiagnosticSink {
    /// More than a person reads in one go.
    static let maximumCount = 200

    private(set) var diagnostics: [Diagnostic] = []
    private(set) var errorCount = 0
    private var seen: Set<Diagnostic> = []

    mutating func error(
        _ message: String, at location: SourceLocation?, suggestion: String? = nil, notes: [Diagnostic.Note] = []
    ) {
        errorCount += 1
        add(
            Diagnostic(severity: .error, location: location, message: message, suggestion: suggestion, notes: notes))
    }

    mutating func warning(
        _ message: String, at location: SourceLocation?, suggestion: String? = nil, notes: [Diagnostic.Note] = []
    ) {
        add(
            Diagnostic(severity: .warning, location: location, message: message, suggestion: suggestion, notes: notes))
    }

    private mutating func add(_ said: Diagnostic) {
        var diagnostic = said
        diagnostic.message = diagnostic.message.onOneLine
        diagnostic.suggestion = diagnostic.suggestion?.onOneLine
        for index in diagnostic.notes.indices {
            diagnostic.notes[index].message = diagnostic.notes[index].message.onOneLine
        }
        // An error is kept whatever came before it; were it dropped, a policy at fault could look sound.
        guard diagnostics.count < Self.maximumCount || (diagnostic.severity == .error && errorCount == 1) else {
            return
        }
        if seen.insert(diagnostic).inserted { diagnostics.append(diagnostic) }
    }

    /// In the order of the source; what has no place comes last.
    var sorted: [Diagnostic] {
        var all = diagnostics.enumerated().sorted { left, right in
            switch (left.element.location, right.element.location) {
            case (let l?, let r?): l == r ? left.offset < right.offset : l < r
            case (_?, nil): true
            case (nil, _?): false
            case (nil, nil): left.offset < right.offset
            }
        }.map(\.element)
        if errorCount > Self.maximumCount {
            all.append(
                Diagnostic(
                    severity: .error, location: nil,
                    message: "more faults than the \(Self.maximumCount) shown; mend these first"))
        }
        return all
    }
}

extension String {
    /// Fit for a terminal and a line of a log: what is quoted from a file can hold anything, at any length.
    fileprivate var onOneLine: String {
        let maximum = 800
        let isPlain = utf8.count <= maximum && utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        if isPlain { return self }
        var line = String.UnicodeScalarView()
        for scalar in unicodeScalars.prefix(maximum) {
            switch scalar.properties.generalCategory {
            // Besides what moves a cursor: what makes text look like other text (bidirectional overrides).
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
                line.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            default: line.append(scalar)
            }
        }
        return String(line) + (unicodeScalars.count > maximum ? "…" : "")
    }
}

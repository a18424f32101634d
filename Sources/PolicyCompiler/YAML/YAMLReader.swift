import CLibYAML

/// What bounds a file of policy.
enum YAMLLimits {
    /// Bytes of one file. A ConfigMap holds 1 MiB; 10,000 generous rules are some 4 MiB.
    static let maximumFileBytes = 16 << 20
    /// Bytes of all files together: many times the largest policy that the bundle's limits allow.
    static let maximumTotalBytes = 64 << 20
    /// Nesting. The deepest key of a policy is seven levels down.
    static let maximumDepth = 32
    /// Nodes of one file: every byte pair could be one, and each costs some 150 bytes of memory.
    static let maximumNodes = 2_000_000
}

/// Reads the documents of one file through libyaml's event interface.
///
/// Aliases, anchors and tags are refused: a policy must read as it is written, and an alias can make a small file
/// expand without bound. A syntax error ends the file, since nothing after it can be told.
@safe struct YAMLReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let file: String
    private var nodes = 0
    private var depth = 0

    /// Ends the reading of a file; what is wrong has been said.
    private struct Stop: Error {}

    /// - Returns: the documents, and whether the file was read to its end.
    static func read(_ bytes: [UInt8], file: String, into sink: inout DiagnosticSink) -> ([YAMLNode], complete: Bool) {
        guard bytes.count <= YAMLLimits.maximumFileBytes else {
            sink.error(
                "the file has \(bytes.count) bytes, more than the \(YAMLLimits.maximumFileBytes) that are read",
                at: SourceLocation(file: file, line: 1, column: 1), suggestion: "split it into several files")
            return ([], false)
        }
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            guard var reader = unsafe YAMLReader(buffer, file: file) else {
                sink.error("out of memory", at: SourceLocation(file: file, line: 1, column: 1))
                return ([], false)
            }
            var documents: [YAMLNode] = []
            do throws(Stop) {
                while let document = try reader.nextDocument(bytes: bytes, into: &sink) { documents.append(document) }
                return (documents, true)
            } catch {
                return (documents, false)
            }
        }
    }

    /// - Parameter buffer: must outlive the reader.
    private init?(_ buffer: UnsafeBufferPointer<UInt8>, file: String) {
        unsafe parser = .allocate(capacity: 1)
        self.file = file
        guard unsafe yaml_parser_initialize(parser) == 1 else { return nil }
        unsafe yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
    }

    // MARK: Documents

    /// - Returns: `nil` at the end of the file.
    private mutating func nextDocument(
        bytes: [UInt8], into sink: inout DiagnosticSink
    ) throws(Stop) -> YAMLNode? {
        while true {
            let event = try nextEvent(bytes: bytes, into: &sink)
            switch event.kind {
            case .streamEnd:
                return nil
            case .node:
                let root = try node(event, bytes: bytes, into: &sink)
                // An empty document (a file of comments, a stray `---`) holds nothing to judge.
                if case .scalar(let scalar) = root.content, scalar.isNull { continue }
                return root
            case .structure, .end:
                continue
            }
        }
    }

    private mutating func node(
        _ event: Event, bytes: [UInt8], into sink: inout DiagnosticSink
    ) throws(Stop) -> YAMLNode {
        nodes += 1
        guard nodes <= YAMLLimits.maximumNodes else {
            sink.error("the file holds more than \(YAMLLimits.maximumNodes) values", at: event.location)
            throw Stop()
        }
        depth += 1
        defer { depth -= 1 }
        guard depth <= YAMLLimits.maximumDepth else {
            sink.error("nested more than \(YAMLLimits.maximumDepth) levels deep", at: event.location)
            throw Stop()
        }
        switch event.content {
        case .scalar(let scalar):
            return YAMLNode(content: .scalar(scalar), location: event.location)
        case .sequence:
            var items: [YAMLNode] = []
            while true {
                let next = try nextEvent(bytes: bytes, into: &sink)
                guard next.kind == .node else { break }
                items.append(try node(next, bytes: bytes, into: &sink))
            }
            return YAMLNode(content: .sequence(items), location: event.location)
        case .mapping:
            let entries = try mapping(bytes: bytes, into: &sink)
            return YAMLNode(content: .mapping(entries), location: event.location)
        case .none:
            throw Stop()
        }
    }

    private mutating func mapping(
        bytes: [UInt8], into sink: inout DiagnosticSink
    ) throws(Stop) -> [YAMLNode.Entry] {
        var entries: [YAMLNode.Entry] = []
        var places: [String: SourceLocation] = [:]
        while true {
            let next = try nextEvent(bytes: bytes, into: &sink)
            guard next.kind == .node else { return entries }
            let key = try node(next, bytes: bytes, into: &sink)
            let valueEvent = try nextEvent(bytes: bytes, into: &sink)
            guard valueEvent.kind == .node else { throw Stop() }
            let value = try node(valueEvent, bytes: bytes, into: &sink)
            guard case .scalar(let scalar) = key.content else {
                sink.error("a key must be text, and this is \(key.kindName)", at: key.location)
                continue
            }
            if let first = places[scalar.text] {
                sink.error(
                    "the key '\(scalar.text)' is written twice", at: key.location, suggestion: "keep one of the two",
                    notes: [.init(location: first, message: "the first is here")])
                continue
            }
            places[scalar.text] = key.location
            entries.append(.init(key: Located(value: scalar.text, location: key.location), value: value))
        }
    }

    // MARK: Events

    private struct Event {
        enum Kind { case streamEnd, structure, node, end }
        enum Content { case none, scalar(YAMLScalar), sequence, mapping }
        var kind: Kind
        var content: Content = .none
        var location: SourceLocation
    }

    private func nextEvent(bytes: [UInt8], into sink: inout DiagnosticSink) throws(Stop) -> Event {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else {
            reportSyntaxError(bytes: bytes, into: &sink)
            throw Stop()
        }
        defer { unsafe yaml_event_delete(&event) }
        let place = unsafe location(event.start_mark, event.end_mark)
        switch unsafe event.type {
        case YAML_STREAM_END_EVENT:
            return Event(kind: .streamEnd, location: place)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT, YAML_DOCUMENT_END_EVENT:
            return Event(kind: .end, location: place)
        case YAML_ALIAS_EVENT:
            sink.error(
                "aliases (*name) are not read, so that a policy means what it shows", at: place,
                suggestion: "write the value out")
            throw Stop()
        case YAML_SCALAR_EVENT:
            let data = unsafe event.data.scalar
            try refuse(anchor: unsafe data.anchor != nil, tag: unsafe data.tag != nil, at: place, into: &sink)
            let text = unsafe String(
                decoding: UnsafeBufferPointer(start: data.value, count: data.length), as: UTF8.self)
            let style = unsafe data.style
            let scalar = YAMLScalar(
                text: text, isPlain: style == YAML_PLAIN_SCALAR_STYLE,
                isQuoted: style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE)
            return Event(kind: .node, content: .scalar(scalar), location: place)
        case YAML_SEQUENCE_START_EVENT:
            let data = unsafe event.data.sequence_start
            try refuse(anchor: unsafe data.anchor != nil, tag: unsafe data.tag != nil, at: place, into: &sink)
            return Event(kind: .node, content: .sequence, location: place)
        case YAML_MAPPING_START_EVENT:
            let data = unsafe event.data.mapping_start
            try refuse(anchor: unsafe data.anchor != nil, tag: unsafe data.tag != nil, at: place, into: &sink)
            return Event(kind: .node, content: .mapping, location: place)
        default:
            return Event(kind: .structure, location: place)
        }
    }

    private func refuse(
        anchor: Bool, tag: Bool, at place: SourceLocation, into sink: inout DiagnosticSink
    ) throws(Stop) {
        if anchor {
            sink.error(
                "anchors (&name) are not read, so that a policy means what it shows", at: place,
                suggestion: "write the value out where it is needed")
            throw Stop()
        }
        if tag {
            sink.error(
                "tags (!name) are not read; put text that looks like something else in quotes", at: place)
            throw Stop()
        }
    }

    private func location(_ start: yaml_mark_t, _ end: yaml_mark_t) -> SourceLocation {
        let oneLine = start.line == end.line && end.column > start.column
        return SourceLocation(
            file: file, line: Int(clamping: start.line) + 1, column: Int(clamping: start.column) + 1,
            length: oneLine ? Int(clamping: end.column - start.column) : 1)
    }

    private func reportSyntaxError(bytes: [UInt8], into sink: inout DiagnosticSink) {
        let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "it cannot be read"
        if unsafe parser.pointee.error == YAML_READER_ERROR {
            // The reader knows a byte offset and no line.
            let before = unsafe bytes.prefix(parser.pointee.problem_offset)
            let line = before.count { $0 == UInt8(ascii: "\n") } + 1
            let column = before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count + 1
            sink.error(
                "not UTF-8 text: \(problem)", at: SourceLocation(file: file, line: line, column: column))
            return
        }
        let mark = unsafe parser.pointee.problem_mark
        var message = "not YAML: \(problem)"
        if let context = unsafe parser.pointee.context.map({ unsafe String(cString: $0) }) {
            message += " \(context)"
        }
        var notes: [Diagnostic.Note] = []
        let context = unsafe parser.pointee.context_mark
        let place = location(mark, mark)
        let start = location(context, context)
        if unsafe parser.pointee.context != nil, start < place, start.line != place.line {
            notes.append(.init(location: start, message: "what it belongs to starts here"))
        }
        sink.error(message, at: place, suggestion: Self.mend(for: problem), notes: notes)
    }

    /// libyaml says what it found; people want to know what to do.
    private static func mend(for problem: String) -> String? {
        if problem.contains("alphabetic or numeric") {
            return "put text that starts with a special character (*, &, @, %) in quotes"
        }
        if problem.contains("tab") || problem.contains("cannot start any token") {
            return "indent with spaces, and put text that starts with a special character (*, &, @, %) in quotes"
        }
        if problem.contains("mapping values are not allowed") {
            return "is the indentation right, and is text that contains ': ' in quotes?"
        }
        if problem.contains("did not find expected") { return "is the indentation right, and is every bracket closed?" }
        if problem.contains("could not find expected ':'") { return "every key needs a ':' after it" }
        return nil
    }
}

import HTTPInspection
import Policy

/// A model's answer as a stream of events. What is said in deltas is looked into as the text that they make; the rest of each event is
/// masked as any document is.
///
/// An event with a delta waits for the next of the same text, or for the text's end, and takes with it what was decided by then: so the
/// stream has the events that it had, in the order of each text, and what was held back has one to go with.
struct ModelStreamPass: BodyPass {
    /// Texts that are under way at once, of all choices, blocks and calls: nobody's answer has as many.
    private static let mostTexts = 128
    /// Of all that waits: arguments, and events with their texts.
    private static let mostHeld = HTTPLimits.documentUnit

    /// An event that waits.
    private struct Waiting {
        /// What stands before its data, its data, masked, and what stands behind.
        var head: ArraySlice<UInt8>
        var document: [UInt8]
        var tail: ArraySlice<UInt8>
        var deltas: [ModelFields.Delta]
    }

    private let profile: ModelProfile
    private let maker: BodyPassMaker
    private var events: UnitPass<EventStreamReader>
    private var texts: [String: ModelText] = [:]
    private var waiting: [Waiting] = []
    private var pending: [UInt8] = []
    /// Up to here there is no event's end.
    private var scanned = 0
    /// The last event ended in a carriage return: a line feed is of that.
    private var endedInReturn = false
    private var use = ModelUse()

    var modelUse: ModelUse? { use }

    init(_ profile: ModelProfile, _ maker: BodyPassMaker) {
        self.profile = profile
        self.maker = maker
        events = UnitPass(EventStreamReader(), TextMasker(maker.masking, maker.scanner, .jsonOrText))
    }

    mutating func take(
        _ bytes: Span<UInt8>, into output: inout [UInt8], _ found: inout BodyFindings
    ) throws(BodyRefusal) {
        pending.append(bytes, 0..<bytes.count)
        var start = 0
        if endedInReturn, let first = pending.first {
            endedInReturn = false
            if first == Octet.lineFeed { start = 1 }
        }
        while let end = endOfEvent(from: start) {
            let event = pending[start..<end]
            start = end
            try deal(with: event, into: &output, &found)
        }
        pending.removeSubrange(..<start)
        scanned -= start
        guard pending.count <= HTTPLimits.documentUnit else {
            throw BodyRefusal(status: 413, "an event of more than \(HTTPLimits.documentUnit) bytes")
        }
        guard held <= Self.mostHeld else {
            throw BodyRefusal(
                status: 413, "a model's answer of which more than \(Self.mostHeld) bytes would have to wait")
        }
    }

    mutating func finish(into output: inout [UInt8], _ found: inout BodyFindings) throws(BodyRefusal) {
        if !pending.isEmpty {
            let rest = pending[...]
            pending = []
            try deal(with: rest, into: &output, &found)
        }
        try end("", &found)
        try release({ _ in true }, into: &output)
        try events.finish(into: &output, &found)
    }

    /// Behind the blank line that ends the event from `start` on.
    private mutating func endOfEvent(from start: Int) -> Int? {
        var index = max(scanned, start)
        while index < pending.count {
            let byte = pending[index]
            guard byte == Octet.lineFeed || byte == Octet.carriageReturn else {
                index += 1
                continue
            }
            var next = index + 1
            if byte == Octet.carriageReturn, next < pending.count, pending[next] == Octet.lineFeed { next += 1 }
            // A line end right behind a line end.
            let isBlank =
                index == start || pending[index - 1] == Octet.lineFeed || pending[index - 1] == Octet.carriageReturn
            if isBlank {
                scanned = next
                endedInReturn = byte == Octet.carriageReturn && next == pending.count && next == index + 1
                return next
            }
            guard next < pending.count else { break }
            index = next
        }
        scanned = index
        return nil
    }

    // MARK: Events

    private mutating func deal(
        with event: ArraySlice<UInt8>, into output: inout [UInt8], _ found: inout BodyFindings
    ) throws(BodyRefusal) {
        let (notes, data) = ModelStreamPass.lines(of: event)
        let isEmpty = data?.contains { $0 > 0x20 } != true
        let isDone = data?.filter { $0 > 0x20 }.elementsEqual("[DONE]".utf8) == true
        guard let data, !isEmpty, !isDone else {
            guard data != nil || !notes.isEmpty else { return }
            if isDone {
                try end("", &found)
                try release({ _ in true }, into: &output)
                forget("")
            }
            let line = data == nil ? "" : isDone ? "data: [DONE]\n" : "data:\n"
            return try events.take((notes + Array(line.utf8) + [Octet.lineFeed]).span, into: &output, &found)
        }
        guard let paths = JSONPaths(data.span) else {
            throw BodyRefusal(
                status: 400, "an event of a model's that is no JSON, or has more in it than is looked into")
        }
        let fields = ModelFields(data.span, paths, profile.kind)
        let places = Dictionary(paths.values.map { ($0.path, $0.range) }, uniquingKeysWith: { first, _ in first })
        for delta in fields.deltas {
            guard let range = places[delta.path] else { continue }
            var text =
                texts.removeValue(forKey: delta.text)
                ?? ModelText(maker.scanner, maker.masking, profile, isArguments: delta.isArguments)
            guard texts.count < Self.mostTexts else {
                throw BodyRefusal(status: 413, "a model's answer of too many texts")
            }
            try text.take(JSONPaths.unescaped(data.span, range), &found)
            texts[delta.text] = text
        }
        for prefix in fields.finished { try end(prefix, &found) }
        let names = Set(fields.deltas.map(\.text))
        let isOver = { (name: String) in fields.finished.contains { name.hasPrefix($0) } }
        try release({ $0.deltas.contains { names.contains($0.text) || isOver($0.text) } }, into: &output)
        var next = try blank(notes, data, paths, fields.deltas, &found)
        if fields.deltas.isEmpty || fields.deltas.allSatisfy({ isOver($0.text) }) {
            write(&next, into: &output)
        } else {
            waiting.append(next)
        }
        // A text that is over is a new one if more comes.
        for prefix in fields.finished { forget(prefix) }
    }

    /// What an event's lines say: those that are not data, and the data, joined.
    private static func lines(of event: ArraySlice<UInt8>) -> (notes: [UInt8], data: [UInt8]?) {
        var notes: [UInt8] = []
        var data: [UInt8]?
        var rest = event
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        for line in rest.split(whereSeparator: { $0 == Octet.lineFeed || $0 == Octet.carriageReturn }) {
            let name = line.prefix { $0 != UInt8(ascii: ":") }
            guard name.elementsEqual("data".utf8) else {
                notes += line
                notes.append(Octet.lineFeed)
                continue
            }
            var value = line.dropFirst(name.count + 1)
            if value.first == Octet.space { value = value.dropFirst() }
            data = data.map { $0 + [Octet.lineFeed] + value } ?? Array(value)
        }
        return (notes, data)
    }

    /// Masks an event but for its deltas, which are left empty.
    private mutating func blank(
        _ notes: [UInt8], _ data: [UInt8], _ paths: JSONPaths, _ deltas: [ModelFields.Delta],
        _ found: inout BodyFindings
    ) throws(BodyRefusal) -> Waiting {
        let blanks = Set(deltas.map(\.path))
        var event = notes + Array("data: ".utf8)
        var end = 0
        for value in paths.values where blanks.contains(value.path) {
            event += data[end..<value.range.lowerBound]
            end = value.range.upperBound
        }
        event += data[end...]
        // Between tokens a line end is a space as any.
        event = event.prefix(notes.count) + event.dropFirst(notes.count).map { $0 == Octet.lineFeed ? Octet.space : $0 }
        event += [Octet.lineFeed, Octet.lineFeed]
        var masked: [UInt8] = []
        try events.take(event.span, into: &masked, &found)
        guard let start = ModelStreamPass.startOfData(masked) else {
            throw BodyRefusal(status: 400, "an event of a model's that cannot be written")
        }
        let stop = masked[start...].firstIndex(of: Octet.lineFeed) ?? masked.endIndex
        let document = try ModelDocument.withoutLinks(Array(masked[start..<stop]), profile, &use)
        return Waiting(head: masked[..<start], document: document, tail: masked[stop...], deltas: deltas)
    }

    private static func startOfData(_ event: [UInt8]) -> Int? {
        let mark = Array("data: ".utf8)
        var start = event.startIndex
        while start < event.endIndex {
            if event[start...].starts(with: mark) { return start + mark.count }
            guard let end = event[start...].firstIndex(of: Octet.lineFeed) else { return nil }
            start = end + 1
        }
        return nil
    }

    // MARK: Texts

    /// Bytes that wait.
    private var held: Int {
        waiting.reduce(0) { $0 + $1.document.count } + texts.values.reduce(0) { $0 + $1.held }
    }

    /// Finishes the texts whose names begin so.
    private mutating func end(_ prefix: String, _ found: inout BodyFindings) throws(BodyRefusal) {
        for name in texts.keys.filter({ $0.hasPrefix(prefix) }) {
            try texts[name]?.finish(&found)
            use.links += texts[name]?.links ?? 0
        }
    }

    private mutating func forget(_ prefix: String) {
        for name in texts.keys.filter({ $0.hasPrefix(prefix) }) { texts[name] = nil }
    }

    /// Writes events that wait.
    private mutating func release(_ isDue: (Waiting) -> Bool, into output: inout [UInt8]) throws(BodyRefusal) {
        var left: [Waiting] = []
        for var event in waiting {
            if isDue(event) { write(&event, into: &output) } else { left.append(event) }
        }
        waiting = left
    }

    /// Writes an event with what is ready of its texts. A field that policy masked by its name stays as that left it.
    private mutating func write(_ event: inout Waiting, into output: inout [UInt8]) {
        output += event.head
        var end = 0
        if !event.deltas.isEmpty, let paths = JSONPaths(event.document.span) {
            let names = Dictionary(event.deltas.map { ($0.path, $0.text) }, uniquingKeysWith: { first, _ in first })
            for value in paths.values where value.isString && value.range.isEmpty {
                guard let name = names[value.path], let text = texts[name]?.takeReady() else { continue }
                output += event.document[end..<value.range.lowerBound]
                JSONPaths.appendEscaped(text.span, to: &output)
                end = value.range.upperBound
            }
        }
        output += event.document[end...]
        output += event.tail
    }
}

import HTTPInspection
import Policy

/// Takes an answer's body: one message of JSON, or a stream of events that are one each.
final class MCPAnswerWork: AnswerWork {
    private enum Form { case message, events, other }

    let answers: MCPAnswers
    private let form: Form
    private let isError: Bool
    private var decoder: ContentDecoder?
    private var opened: [UInt8] = []
    private var body: [UInt8] = []
    private var events = MCPEvents()
    private var isBegun = false
    let isDecoding: Bool
    let isOpaque = false
    /// Why nothing more of it goes on: what was given last tells the client.
    private(set) var ending: String?

    /// - Throws: where the fields do not say what the body is, or it is in a coding that is not opened here.
    init(_ head: HTTPResponseHead, _ answers: MCPAnswers) throws(HTTPError) {
        self.answers = answers
        let decoder = try ContentDecoder(try head.fields.contentCodings())
        isDecoding = !decoder.isIdentity
        if isDecoding { self.decoder = consume decoder }
        isError = head.status >= 400
        let type = try head.fields.mediaType()
        switch (type?.type, type?.subtype) {
        case ("application", "json"): form = .message
        case ("text", "event-stream"): form = .events
        default:
            form = .other
            guard isError else {
                throw HTTPError(.malformedBody, "an answer that is neither JSON nor a stream of events")
            }
        }
        if let charset = type?.charset, charset.lowercased() != "utf-8" {
            throw HTTPError(.malformedBody, "an answer in another charset than UTF-8")
        }
    }

    var counts: [HTTPMaskCount] { HTTPMaskCount.counts(of: answers.found, at: HTTPMaskCount.body) }

    func take(_ bytes: Span<UInt8>, into output: inout [UInt8]) throws(BodyRefusal) {
        guard ending == nil, bytes.count > 0 else { return }
        isBegun = true
        guard isDecoding else { return try takeOpened(bytes, into: &output) }
        var position = 0
        while ending == nil {
            opened.removeAll(keepingCapacity: true)
            let step: ContentDecoder.Step?
            do throws(HTTPError) {
                step = try decoder?.decode(bytes.extracting(position..<bytes.count), into: &opened)
            } catch { throw BodyRefusal(error) }
            guard let step else { return }
            position += step.taken
            let piece = opened
            try takeOpened(piece.span, into: &output)
            if step.isDrained { return }
        }
    }

    private func takeOpened(_ bytes: Span<UInt8>, into output: inout [UInt8]) throws(BodyRefusal) {
        switch form {
        case .other: return
        case .message:
            body.append(bytes, 0..<bytes.count)
            guard body.count <= MCPLimits.message else {
                throw BodyRefusal(
                    status: 413, "a message of more than \(MCPLimits.message >> 20) MiB")
            }
        case .events:
            for event in events.take(bytes) where ending == nil { take(event, into: &output) }
            if events.isTooLong, ending == nil {
                MCPEvents.write(
                    answers.failure("The server's message is longer than \(MCPLimits.message >> 20) MiB."),
                    into: &output)
                ending = "an event that is too long"
            }
        }
    }

    private func take(_ event: [UInt8], into output: inout [UInt8]) {
        // A comment, or an event without a message, by which servers keep streams open.
        guard event.contains(where: { $0 > 0x20 }) else { return MCPEvents.write([], into: &output) }
        switch answers.take(event, isError: false) {
        case .pass(let message, _): MCPEvents.write(message, into: &output)
        case .dropped: break
        case .end(let message, let reason):
            MCPEvents.write(message, into: &output)
            ending = reason
        }
    }

    func finish(into output: inout [UInt8]) throws(BodyRefusal) {
        do throws(HTTPError) { if isBegun { try decoder?.finish() } } catch { throw BodyRefusal(error) }
        guard form == .message, ending == nil, !body.isEmpty else { return }
        let message = body
        body = []
        switch answers.take(message, isError: isError) {
        case .pass(let message, _): output += message
        // Nobody waits for an answer here.
        case .dropped: break
        case .end(let message, let reason):
            output += message
            ending = reason
        }
    }
}

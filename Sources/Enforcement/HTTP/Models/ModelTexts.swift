import Policy

/// A text that a model says in deltas: what becomes of it, as one.
struct ModelText: Sendable {
    private enum Style: Sendable {
        /// Words, of which as much is given as is decided.
        case words(DeltaMasking, DeltaLinks)
        /// The arguments of a tool's call, a JSON text: whoever calls the tool waits for all of it.
        case arguments(StructuredMasking, [UInt8])
    }

    private let scanner: DetectorScanner
    private var style: Style
    /// What was decided and is to be given with the next delta.
    private var ready: [UInt8] = []
    private var removedLinks: UInt64 = 0

    /// Of arguments that are looked into as a whole.
    private static let longestArguments = 1 << 20

    init(_ scanner: DetectorScanner, _ masking: StructuredMasking, _ profile: ModelProfile, isArguments: Bool) {
        self.scanner = scanner
        style =
            isArguments
            ? .arguments(masking, [])
            : .words(DeltaMasking(masking, selection: scanner.selection(for: [])), DeltaLinks(profile.links))
    }

    mutating func take(_ text: [UInt8], _ found: inout BodyFindings) throws(BodyRefusal) {
        switch style {
        case .words(var masking, var links):
            var masked: [UInt8] = []
            do throws(DocumentFault) { try masking.take(text.span, into: &masked) } catch { throw BodyRefusal(error) }
            found.add(masking.masking, scanner)
            masking.forgetFound()
            links.take(masked, isFinal: false, into: &ready)
            style = .words(masking, links)
        case .arguments(let masking, var held):
            held += text
            guard held.count <= Self.longestArguments else {
                throw BodyRefusal(status: 413, "a tool's arguments of more than \(Self.longestArguments) bytes")
            }
            style = .arguments(masking, held)
        }
    }

    /// Nothing more comes of it.
    mutating func finish(_ found: inout BodyFindings) throws(BodyRefusal) {
        switch style {
        case .words(var masking, var links):
            var masked: [UInt8] = []
            do throws(DocumentFault) { try masking.finish(into: &masked) } catch { throw BodyRefusal(error) }
            found.add(masking.masking, scanner)
            links.take(masked, isFinal: true, into: &ready)
            removedLinks += links.removed
        case .arguments(var masking, let held):
            if masking.mask(held.span, as: .text, selection: scanner.selection(for: [])) == .replaced {
                found.add(masking, scanner)
                ready += masking.output
            } else {
                ready += held
            }
        }
    }

    /// Takes what can be given.
    mutating func takeReady() -> [UInt8] {
        defer { ready = [] }
        return ready
    }

    /// Bytes of it that wait.
    var held: Int {
        switch style {
        case .words: ready.count
        case .arguments(_, let held): ready.count + held.count
        }
    }

    /// Links that were taken out, once it is finished.
    var links: UInt64 { removedLinks }
}

/// The fields of events and documents in which models say something, by path (``JSONPaths``).
struct ModelFields {
    /// A piece of a text.
    struct Delta {
        /// Which text it is of.
        var text: String
        var isArguments: Bool
        var path: String
    }

    var deltas: [Delta] = []
    /// Texts of which nothing more comes, by what their names begin with; an empty one is all of them.
    var finished: [String] = []

    /// - Parameters:
    ///   - document: an event's data.
    init(_ document: Span<UInt8>, _ paths: JSONPaths, _ kind: Resource.Profile) {
        var words: [String: String] = [:]
        for value in paths.values where value.range.count <= 64 {
            words[value.path] = String(decoding: JSONPaths.unescaped(document, value.range), as: UTF8.self)
        }
        let type = words["type"] ?? ""
        for value in paths.values where value.isString {
            let parts = value.path.split(separator: "/").map(String.init)
            switch kind {
            case .openai:
                if parts.count == 1, parts[0] == "delta", type.hasSuffix(".delta") {
                    let place = [words["output_index"], words["content_index"], words["summary_index"]].map { $0 ?? "" }
                    deltas.append(
                        Delta(
                            text: "response/\(words["item_id"] ?? "")/\(place.joined(separator: "/"))/\(type)",
                            isArguments: type.contains("arguments") || type.contains("tool_call_input"),
                            path: value.path))
                } else if parts.count >= 3, parts[0] == "choices" {
                    chat(parts, value.path, words)
                }
            case .anthropic:
                guard type == "content_block_delta", parts.count == 2, parts[0] == "delta",
                    ["text", "thinking", "partial_json"].contains(parts[1])
                else { continue }
                deltas.append(
                    Delta(
                        text: "block/\(words["index"] ?? "")/\(parts[1])", isArguments: parts[1] == "partial_json",
                        path: value.path))
            }
        }
        if type.hasSuffix(".done") {
            finished.append("response/\(words["item_id"] ?? words["item/id"] ?? "")/")
        }
        switch type {
        case "content_block_stop": finished.append("block/\(words["index"] ?? "")/")
        case "message_delta", "message_stop", "error", "response.completed", "response.failed", "response.incomplete":
            finished.append("")
        default: break
        }
    }

    private mutating func chat(_ parts: [String], _ path: String, _ words: [String: String]) {
        let choice = "choice/\(words["choices/\(parts[1])/index"] ?? parts[1])/"
        let field = parts.dropFirst(2).joined(separator: "/")
        switch field {
        case "text", "delta/content", "delta/refusal", "delta/reasoning", "delta/reasoning_content":
            deltas.append(Delta(text: choice + field, isArguments: false, path: path))
        case "delta/function_call/arguments":
            deltas.append(Delta(text: choice + field, isArguments: true, path: path))
        case "finish_reason": finished.append(choice)
        default:
            guard parts.count == 7, parts[2] == "delta", parts[3] == "tool_calls",
                parts[5] == "function" && parts[6] == "arguments" || parts[5] == "custom" && parts[6] == "input"
            else { return }
            let call = words["choices/\(parts[1])/delta/tool_calls/\(parts[4])/index"] ?? parts[4]
            deltas.append(Delta(text: choice + "call/" + call, isArguments: true, path: path))
        }
    }
}

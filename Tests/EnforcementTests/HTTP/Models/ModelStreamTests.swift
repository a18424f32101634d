import Foundation
import HTTPInspection
import Policy
import TestKit
import Testing

@testable import Enforcement

@Suite("Models' answers")
struct ModelStreamTests {
    static func plan(_ kind: Resource.Profile) throws -> BodyMaskingPlan {
        var plan = try #require(MaskedBody.plan)
        var resource = Resource(name: "model", protocolName: .http, listen: "127.0.0.1:1", upstream: "m:1")
        resource.profile = kind
        resource.linkHosts = ["docs.example.com"]
        plan.model = ModelProfile(resource)
        return plan
    }

    /// What is made of a body, in pieces.
    static func masked(
        _ body: String, _ type: String, _ kind: Resource.Profile, step: Int
    ) throws -> (text: String, use: ModelUse?, values: UInt64) {
        var work = BodyMasking(
            contentType: try MediaType(Array(type.utf8)), contentEncoding: [], plan: try plan(kind))
        let bytes = Array(body.utf8)
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: step) {
            try work.take(bytes.span.extracting(start..<min(start + step, bytes.count)), into: &output)
        }
        try work.finish(into: &output)
        return (String(decoding: output, as: UTF8.self), work.modelUse, work.found.values)
    }

    static func json(_ value: Any) throws -> String {
        String(
            decoding: try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed]),
            as: UTF8.self)
    }

    /// The data of a stream's events.
    static func events(_ stream: String) throws -> [[String: Any]] {
        try stream.components(separatedBy: "\n\n").compactMap { event in
            guard let line = event.split(separator: "\n").first(where: { $0.hasPrefix("data: {") }) else { return nil }
            return try JSONSerialization.jsonObject(with: Data(line.dropFirst(6).utf8)) as? [String: Any]
        }
    }

    static func chat(_ deltas: [String], arguments: [String] = []) throws -> String {
        var stream = ""
        func add(_ delta: [String: Any], _ reason: Any = NSNull()) throws {
            stream +=
                "data: "
                + (try json([
                    "id": "c1", "model": "gpt-x", "choices": [["index": 0, "delta": delta, "finish_reason": reason]],
                ])) + "\n\n"
        }
        try add(["role": "assistant", "content": ""])
        for delta in deltas { try add(["content": delta]) }
        for (number, piece) in arguments.enumerated() {
            var call: [String: Any] = ["index": 0, "function": ["arguments": piece]]
            if number == 0 { call["id"] = "t1"; call["function"] = ["name": "send", "arguments": piece] }
            try add(["tool_calls": [call]])
        }
        try add([:], "stop")
        stream +=
            "data: "
            + (try json(["id": "c1", "choices": [Any](), "usage": ["prompt_tokens": 12, "completion_tokens": 34]]))
            + "\n\n"
        return stream + "data: [DONE]\n\n"
    }

    static func said(_ stream: String) throws -> (content: String, arguments: String) {
        var (content, arguments) = ("", "")
        for event in try events(stream) {
            for choice in event["choices"] as? [[String: Any]] ?? [] {
                let delta = choice["delta"] as? [String: Any] ?? [:]
                content += delta["content"] as? String ?? ""
                for call in delta["tool_calls"] as? [[String: Any]] ?? [] {
                    arguments += (call["function"] as? [String: Any])?["arguments"] as? String ?? ""
                }
            }
        }
        return (content, arguments)
    }

    static let parts = [
        "Her number is ", "283-68-4467", " and her card is ", "4111 1111 1111 1111", ", mail ", "june@example.com",
        ". ",
        "![x](https://evil.example/?d=1) ", "[d](https://docs.example.com/a) ", "\"quoted\" \\ and é日本😀 ",
        "patient mrn 12345678, ", "\n\n",
        "The quick brown fox. ", "<b>x</b> ", "https://evil.example/a ",
    ]

    @Test("of chat: what is split over deltas is masked, and the stream has the events that it had", arguments: 0..<8)
    func chat(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let text = (0..<20).map { _ in Self.parts[random.below(Self.parts.count)] }.joined(separator: " ")
        var deltas: [String] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            deltas.append(String(rest.prefix(1 + random.below(6))))
            rest = rest.dropFirst(deltas[deltas.count - 1].count)
        }
        let stream = try Self.chat(deltas)
        let masked = try Self.masked(stream, "text/event-stream", .openai, step: stream.utf8.count)
        for step in [1, 7, 100] {
            #expect(try Self.masked(stream, "text/event-stream", .openai, step: step).text == masked.text)
        }
        #expect(try Self.events(masked.text).count == Self.events(stream).count)
        #expect(masked.text.hasSuffix("data: [DONE]\n\n"))
        let said = try Self.said(masked.text).content
        for secret in ["283-68", "4111 1111", "june@", "evil.example"] { #expect(!said.contains(secret), "\(said)") }
        // One delta of everything is masked as the whole is.
        let whole = try Self.said(try Self.masked(try Self.chat([text]), "text/event-stream", .openai, step: 50).text)
            .content
        #expect(said == whole)
        #expect(masked.use?.model == "gpt-x" && masked.use?.inputTokens == 12 && masked.use?.outputTokens == 34)
    }

    @Test("its end is one end, however often it is said")
    func ends() throws {
        let stream = try Self.chat(["her number is 283-68-4467"]) + "data: [DONE]\n\ndata: [DONE]\n\n"
        let masked = try Self.masked(stream, "text/event-stream", .openai, step: 50)
        #expect(try Self.said(masked.text).content == "her number is [redacted]")
        #expect(masked.text.ranges(of: "data: [DONE]").count == 3)
    }

    @Test("a tool's arguments are masked as the document that they are")
    func arguments() throws {
        let stream = try Self.chat(
            ["ok"], arguments: ["{\"na", "me\":\"Imo", "gen\",\"x\":\"283-6", "8-4467\",\"u\":\"https://a.example\"}"])
        let said = try Self.said(try Self.masked(stream, "text/event-stream", .openai, step: 9).text)
        #expect(said.content == "ok")
        #expect(said.arguments == #"{"name":"[redacted]","x":"[redacted]","u":"https://a.example"}"#)
    }

    @Test("of messages: text, thinking and input, each block for itself")
    func messages() throws {
        var stream =
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"claude-x\",\"usage\":{\"input_tokens\":5,\"output_tokens\":1}}}\n\n"
        func add(_ index: Int, _ delta: [String: Any]) throws {
            stream +=
                "event: content_block_delta\ndata: "
                + (try Self.json(["type": "content_block_delta", "index": index, "delta": delta])) + "\n\n"
        }
        for piece in ["call 283-", "68-44", "67 now ![i](https://evil.exam", "ple/x)"] {
            try add(0, ["type": "text_delta", "text": piece])
        }
        stream += "event: ping\ndata: {\"type\":\"ping\"}\n\n"
        stream += "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
        for piece in ["{\"ssn\": \"283-6", "8-4467\"}"] {
            try add(1, ["type": "input_json_delta", "partial_json": piece])
        }
        stream += "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
        stream += "event: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":77}}\n\n"
        stream += "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
        let masked = try Self.masked(stream, "text/event-stream", .anthropic, step: 13)
        var (text, input) = ("", "")
        for event in try Self.events(masked.text) {
            let delta = event["delta"] as? [String: Any]
            text += delta?["text"] as? String ?? ""
            input += delta?["partial_json"] as? String ?? ""
        }
        #expect(text == "call [redacted] now ![i](link-removed)")
        #expect(input == #"{"ssn": "[redacted]"}"#)
        #expect(masked.text.contains("event: content_block_delta\ndata: ") && masked.text.contains("event: ping\n"))
        #expect(masked.use == ModelUse(model: "claude-x", inputTokens: 5, outputTokens: 77, links: 1))
        #expect(masked.values == 2)
    }

    @Test("of responses: deltas, and the whole that repeats them")
    func responses() throws {
        var stream = ""
        func add(_ event: [String: Any]) throws {
            stream += "event: \(event["type"] ?? "")\ndata: " + (try Self.json(event)) + "\n\n"
        }
        for piece in ["it is 283", "-68-4467 [x](https://e", "vil.example/a)"] {
            try add([
                "type": "response.output_text.delta", "item_id": "i1", "output_index": 0, "content_index": 0,
                "delta": piece,
            ])
        }
        try add([
            "type": "response.output_text.done", "item_id": "i1", "output_index": 0, "content_index": 0,
            "text": "it is 283-68-4467 [x](https://evil.example/a)",
        ])
        try add([
            "type": "response.completed",
            "response": [
                "model": "gpt-y", "usage": ["input_tokens": 3, "output_tokens": 4],
                "output": [["content": [["text": "it is 283-68-4467 [x](https://evil.example/a)"]]]],
            ],
        ])
        let masked = try Self.masked(stream, "text/event-stream", .openai, step: 11)
        let events = try Self.events(masked.text)
        #expect(events.compactMap { $0["delta"] as? String }.joined() == "it is [redacted] [x](link-removed)")
        #expect(events.compactMap { $0["text"] as? String } == ["it is [redacted] [x](link-removed)"])
        #expect(!masked.text.contains("283-68") && !masked.text.contains("evil.example"))
        #expect(masked.use?.model == "gpt-y" && masked.use?.outputTokens == 4)
    }

    @Test("as one document: masked, without links, and with what it says of itself")
    func document() throws {
        let body =
            #"{"model":"gpt-x","choices":[{"message":{"content":"283-68-4467 ![a](https://evil.example/b)","tool_calls":[{"function":{"arguments":"{\"u\":\"https://a.example\"}"}}]}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#
        let masked = try Self.masked(body, "application/json", .openai, step: 10)
        #expect(
            masked.text
                == #"{"model":"gpt-x","choices":[{"message":{"content":"[redacted] ![a](link-removed)","tool_calls":[{"function":{"arguments":"{\"u\":\"https://a.example\"}"}}]}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#
        )
        #expect(masked.use == ModelUse(model: "gpt-x", inputTokens: 1, outputTokens: 2, links: 1))
    }

    @Test("whatever ends lines, and wherever the pieces end")
    func lineEnds() throws {
        let stream = try Self.chat(["call 283-", "68-4467 now"])
        let expected = try Self.masked(stream, "text/event-stream", .openai, step: 1).text
        for end in ["\r\n", "\r"] {
            let other = stream.replacingOccurrences(of: "\n", with: end)
            for step in [1, 2, 3, 50, 10_000] {
                #expect(try Self.masked(other, "text/event-stream", .openai, step: step).text == expected)
            }
        }
    }

    @Test("what is no event of a model's is refused")
    func refused() throws {
        for body in ["data: nonsense\n\n", "data: {\"a\":1,\"a\":2}\n\n", "data: {\n\n"] {
            #expect(throws: BodyRefusal.self) { try Self.masked(body, "text/event-stream", .openai, step: 5) }
        }
        #expect(try Self.masked(": ping\n\n", "text/event-stream", .openai, step: 5).text == ": ping\n\n")
    }
}

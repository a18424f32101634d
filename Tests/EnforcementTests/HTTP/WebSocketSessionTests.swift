import Enforcement
import Foundation
import HTTPInspection
import Records
import Testing
import WireBytes

/// WebSockets over the reverse lane: by policy alone, and each message looked into.
@Suite struct WebSocketSessionTests {
    private static let request =
        "GET /v1/live HTTP/1.1\r\nHost: crm\r\nAuthorization: Bearer good\r\nConnection: Upgrade\r\n"
        + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    private static let answer =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    private static let people = "classifications: { people: { detectors: [us-ssn], jsonKeys: [name], mask: redact } }\n"

    private func harness(vouched: String = "webSocket", _ rest: String = people) throws -> HTTPHarness {
        HTTPHarness(
            policy: try HTTPHarness.policy(
                rest
                    + "rules: [{ name: all, allow: ['*'], on: [crm], to: { groups: [support] }, vouch: { features: [\(vouched)] } }]"
            ))
    }

    private func open(_ harness: HTTPHarness) {
        #expect(harness.exchange(Self.request, Self.answer).hasPrefix("HTTP/1.1 101 "))
        _ = harness.takeUpstream()
    }

    private func frame(_ part: WebSocketPart, masked: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        WebSocketEncoder.write(part, key: masked ? [1, 2, 3, 4] : nil, into: &bytes)
        return bytes
    }

    private func parts(_ bytes: [UInt8], masked: Bool) throws -> [WebSocketPart] {
        var decoder = WebSocketDecoder(isMasked: masked)
        var input = InputBuffer()
        input.append(bytes)
        var parts: [WebSocketPart] = []
        while let part = try decoder.next(in: &input) { parts.append(part) }
        return parts
    }

    @Test func `a rule must vouch for it, and the service is offered no compression`() throws {
        let denied = HTTPHarness(policy: try HTTPHarness.policy(HTTPHarness.readAll))
        denied.send(Self.request)
        #expect(denied.take().contains("webSocket"))
        #expect(denied.takeUpstream().isEmpty)
        let harness = try harness()
        harness.send(Self.request)
        let sent = harness.takeUpstream()
        #expect(sent.contains("Upgrade: websocket\r\n") && !sent.contains("Extensions"))
        #expect(harness.order == ["opened", "judged allow", "upstream"])
    }

    @Test(arguments: [
        answer.replacing("s3pP", with: "s4pP"), answer.replacing("Upgrade: websocket", with: "Upgrade: h2c"),
        answer.replacing("\r\n\r\n", with: "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
    ])
    func `a service that switches to something else is refused`(answer: String) throws {
        let harness = try harness()
        #expect(harness.exchange(Self.request, answer).hasPrefix("HTTP/1.1 502 "))
    }

    @Test(arguments: ["Sec-WebSocket-Version: 8", "Sec-WebSocket-Key: short"])
    func `a request that is no handshake is refused`(field: String) throws {
        let harness = try harness()
        let name = field.prefix { $0 != ":" }
        let lines = Self.request.components(separatedBy: "\r\n").map { $0.hasPrefix(name) ? field : $0 }
        harness.send(lines.joined(separator: "\r\n"))
        #expect(harness.take().hasPrefix("HTTP/1.1 400 "))
        #expect(harness.takeUpstream().isEmpty)
    }

    @Test(arguments: [0, 1, 3])
    func `what the service says is masked, whatever the pieces`(pieceBytes: Int) throws {
        let harness = try harness()
        open(harness)
        harness.pieceBytes = pieceBytes
        // A text in two fragments with a ping between them.
        let halves = ([0x01, 10] + Array(#"{"ssn":"28"#.utf8), [0x80, 11] + Array(#"3-68-4467"}"#.utf8))
        harness.answerBytes(halves.0 + frame(.ping([7]), masked: false) + halves.1)
        harness.answerBytes(frame(.text(Array(#"{"name":"Imogen"}"#.utf8)), masked: false))
        #expect(
            try parts(harness.takeBytes(), masked: false) == [
                .ping([]), .text(Array(#"{"ssn":"[redacted]"}"#.utf8)), .text(Array(#"{"name":"[redacted]"}"#.utf8)),
            ])
        harness.answerBytes(frame(.close(code: 1000, reason: []), masked: false))
        #expect(harness.isClientClosed)
        #expect(harness.completed.last?.masks.reduce(0) { $0 + $1.values } == 2)
    }

    @Test func `what the client says is recorded and passed on, and what is classified ends the connection`() throws {
        let harness = try harness()
        open(harness)
        harness.sendBytes(frame(.text(Array("hello".utf8)), masked: true))
        #expect(try parts(harness.takeUpstreamBytes(), masked: true) == [.text(Array("hello".utf8))])
        #expect(harness.judged.last?.parameters == ["hello"])
        harness.sendBytes(frame(.text(Array("it is 283-68-4467".utf8)), masked: true))
        #expect(try parts(harness.takeUpstreamBytes(), masked: true) == [.close(code: 1001, reason: [])])
        guard case .close(code: 1008, let reason)? = try parts(harness.takeBytes(), masked: false).last else {
            Issue.record("it was not closed")
            return
        }
        #expect(String(decoding: reason, as: UTF8.self).contains("Record "))
        #expect(harness.judged.last?.outcome == .deny)
        #expect(harness.isClientClosed)
    }

    @Test func `what cannot be looked into needs a rule that vouches for it`() throws {
        for (vouched, passes) in [("webSocket", false), ("webSocket, opaqueBody", true)] {
            let harness = try harness(vouched: vouched)
            open(harness)
            harness.sendBytes(frame(.binary([0, 1, 2, 3]), masked: true))
            let sent = try parts(harness.takeUpstreamBytes(), masked: true)
            #expect(sent == (passes ? [.binary([0, 1, 2, 3])] : [.close(code: 1001, reason: [])]))
        }
    }

    @Test func `what keeps the connection carries nothing to the other side`() throws {
        let harness = try harness()
        open(harness)
        harness.sendBytes(frame(.ping([1, 2, 3]), masked: true) + frame(.pong([4]), masked: true))
        #expect(try parts(harness.takeUpstreamBytes(), masked: true) == [.ping([])])
        #expect(try parts(harness.takeBytes(), masked: false) == [.pong([1, 2, 3])])
        harness.answerBytes(frame(.ping([5, 6]), masked: false))
        #expect(try parts(harness.takeUpstreamBytes(), masked: true) == [.pong([5, 6])])
        #expect(try parts(harness.takeBytes(), masked: false) == [.ping([])])
        harness.sendBytes(frame(.close(code: 1000, reason: Array("283-68-4467".utf8)), masked: true))
        #expect(try parts(harness.takeUpstreamBytes(), masked: true) == [.close(code: 1000, reason: [])])
    }

    @Test func `however many messages are masked, their record grows by no line`() throws {
        let harness = try harness()
        open(harness)
        let message = frame(.text(Array("283-68-4467".utf8)), masked: false)
        for _ in 0..<500 { harness.answerBytes(message) }
        harness.answerBytes(frame(.close(code: 1000, reason: []), masked: false))
        let masks = try #require(harness.completed.last?.masks)
        #expect(masks.count == 1 && masks.first?.values == 500)
    }

    @Test func `one that was approved goes on, and is approved for whoever tries again with another key`() throws {
        let harness = HTTPHarness(
            policy: try HTTPHarness.policy(
                """
                rules:
                  - { name: all, allow: ['*'], on: [crm], to: { groups: [support] }, vouch: { features: [webSocket] } }
                  - name: ask
                    hold: ['*']
                    on: [crm]
                    to: { groups: [support] }
                    approval: { by: { groups: [security] }, mode: return }
                """))
        harness.send(Self.request)
        harness.grants.approve(try #require(harness.asks.first))
        let another = Self.request.replacing("dGhlIHNhbXBsZSBub25jZQ==", with: "AAAAAAAAAAAAAAAAAAAAAA==")
        _ = harness.take()
        harness.send(another)
        #expect(harness.takeUpstream().contains("Upgrade: websocket\r\n"))
        harness.answer(Self.answer.replacing("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", with: "ICX+Yqv66kxgM0FcWaLWlFLwTAI="))
        #expect(harness.take().hasPrefix("HTTP/1.1 101 "))
        _ = harness.takeUpstreamBytes()
        // What policy holds was approved for this connection: each of its messages needs no approval of its own.
        harness.sendBytes(frame(.text(Array("hello".utf8)), masked: true))
        #expect(try parts(harness.takeUpstreamBytes(), masked: true) == [.text(Array("hello".utf8))])
        #expect(!harness.isClientClosed)
    }

    @Test func `a policy that forbids it ends it, though nobody says a word`() throws {
        let harness = try harness()
        open(harness)
        harness.feed(.policyChanged(try HTTPHarness.policy(HTTPHarness.readAll)))
        #expect(harness.isClientClosed)
        #expect(try parts(harness.takeUpstreamBytes(), masked: true) == [.close(code: 1001, reason: [])])
    }

    @Test(
        arguments: [
            // Not masked, a reserved bit, a fragment of nothing, a long ping, a length that is not the shortest, no UTF-8, too long.
            [0x81, 1, 0x61], [0xC1, 0x81, 0, 0, 0, 0, 0x61], [0x80, 0x81, 0, 0, 0, 0, 0x61], [0x89, 0xFE, 0, 200],
            [0x81, 0xFE, 0, 1, 0, 0, 0, 0, 0x61], [0x81, 0x81, 0, 0, 0, 0, 0xFF],
            [0x81, 0xFF, 0, 0, 0, 0, 0, 0x20, 0, 0], [0x83, 0x80, 0, 0, 0, 0],
        ] as [[UInt8]])
    func `frames that are none end the connection`(bytes: [UInt8]) throws {
        let harness = try harness()
        open(harness)
        harness.sendBytes(bytes)
        #expect(harness.isClientClosed)
        #expect(try parts(harness.takeUpstreamBytes(), masked: true) == [.close(code: 1001, reason: [])])
        #expect(harness.judged.last?.outcome == .deny)
    }

    @Test func `frames of every length are read as they were written, whatever the pieces`() throws {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 200_000] {
            for key in [nil, [9, 8, 7, 6] as [UInt8]] {
                let payload = (0..<length).map { UInt8(truncatingIfNeeded: 0x61 + $0 % 26) }
                var bytes: [UInt8] = []
                WebSocketEncoder.write(.text(payload), key: key, into: &bytes)
                var decoder = WebSocketDecoder(isMasked: key != nil)
                var input = InputBuffer()
                var parts: [WebSocketPart] = []
                for start in stride(from: 0, to: bytes.count, by: 4_099) {
                    input.append(bytes[start..<min(start + 4_099, bytes.count)])
                    while let part = try decoder.next(in: &input) { parts.append(part) }
                }
                #expect(parts == [.text(payload)])
            }
        }
    }
}

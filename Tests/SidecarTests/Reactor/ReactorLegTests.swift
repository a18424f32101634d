import Glibc
import TestKit
import Testing

@testable import Sidecar

@Suite("A leg on a reactor")
struct ReactorLegTests {
    private let reactor: Reactor

    init() throws {
        reactor = try Reactor(name: "test-io")
    }

    private static func pattern(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    }

    @Test("sends what the kernel does not take at once as the peer reads it, whole and in order") func shortWrites()
        async throws
    {
        let pair = try SocketPair()
        let heard = Heard(HeardState())
        let leg = await reactor.leg(pair.leg) { TestReceiver(heard) }
        let sent = Self.pattern(5_000_000)
        let isWritable = await reactor.run {
            for start in stride(from: 0, to: sent.count, by: 500_000) {
                leg.value.send(Array(sent[start..<(start + 500_000)]).span)
            }
            return leg.value.isWritable
        }
        #expect(!isWritable)
        #expect(pair.read(sent.count) == sent)
        try await eventually("it takes bytes again") { await reactor.run { leg.value.isWritable } }
        #expect(heard.now.changes == 2)
        close(pair.peer)
        await reactor.shutDown()
    }

    @Test("whose peer does not read stops the reads of the other side, until the peer reads again") func backPressure()
        async throws
    {
        let (from, to) = (try SocketPair(), try SocketPair())
        let heard = Heard(HeardState())
        await reactor.run {
            let source = ReactorLeg(from.leg, side: .upstream, on: reactor)
            let sink = ReactorLeg(to.leg, side: .client, on: reactor)
            _ = (source.open(), sink.open())
            let receiver = TestReceiver(heard)
            receiver.target = sink
            receiver.controlled = source
            source.attach(receiver)
            sink.attach(receiver)
            source.setReading(true)
            sink.setReading(true)
        }
        let sent = Self.pattern(20_000_000)
        let writer = Task.detached { from.write(sent) }
        try await eventually("the reads stop") { heard.now.changes == 1 }
        let stopped = heard.now.bytes.count
        #expect(stopped < 2_000_000)
        // A turn of the loop later nothing more has been read.
        await reactor.run {}
        #expect(heard.now.bytes.count == stopped)
        #expect(to.read(sent.count) == sent)
        await writer.value
        close(from.peer)
        #expect(to.read(1) == [])
        close(to.peer)
        await reactor.shutDown()
    }

    @Test("says all it has to say before it closes") func closesAfterFlush() async throws {
        let pair = try SocketPair()
        let heard = Heard(HeardState())
        let leg = await reactor.leg(pair.leg) { TestReceiver(heard) }
        let sent = Self.pattern(1_000_000)
        await reactor.run {
            leg.value.send(sent.span)
            leg.value.closeAfterFlush()
            leg.value.send([1, 2, 3].span)
        }
        #expect(heard.now.closed == 0)
        #expect(pair.read(sent.count + 1) == sent)
        try await eventually("its end is told") { heard.now.closed == 1 }
        #expect(heard.now.reason == nil)
        close(pair.peer)
        await reactor.shutDown()
    }

    @Test("that reads nothing hears of a client that has gone") func clientHangsUp() async throws {
        let pair = try SocketPair()
        let heard = Heard(HeardState())
        _ = await reactor.leg(pair.leg, isReading: false) { TestReceiver(heard) }
        close(pair.peer)
        try await eventually("its end is told") { heard.now.closed == 1 }
        await reactor.shutDown()
    }

    @Test("delivers what a server said before it went, when the client takes bytes again") func upstreamHangsUp()
        async throws
    {
        let pair = try SocketPair()
        let heard = Heard(HeardState())
        let leg = await reactor.leg(pair.leg, side: .upstream, isReading: false) { TestReceiver(heard) }
        pair.write(Array("the last words".utf8))
        close(pair.peer)
        for _ in 0..<3 { await reactor.run {} }
        #expect(heard.now.closed == 0)
        await reactor.run { leg.value.setReading(true) }
        try await eventually("its end is told") { heard.now.closed == 1 }
        #expect(heard.now.bytes == Array("the last words".utf8))
        await reactor.shutDown()
    }

    @Test("tells why a connection failed, once") func failure() async throws {
        let pair = try SocketPair()
        let heard = Heard(HeardState())
        let leg = await reactor.leg(pair.leg, isReading: false) { TestReceiver(heard) }
        close(pair.peer)
        await reactor.run {
            leg.value.send([1].span)
            leg.value.send([2].span)
            leg.value.abort()
        }
        try await eventually("its end is told") { heard.now.closed == 1 }
        await reactor.run {}
        #expect(heard.now.closed == 1)
        await reactor.shutDown()
    }
}

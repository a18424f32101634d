import Glibc
import Synchronization
import TestKit
import Testing

@testable import Sidecar

@Suite("A reactor")
struct ReactorTests {
    private let reactor: Reactor

    init() throws {
        reactor = try Reactor(name: "test-io")
    }

    @Test("runs what other threads send it, each thread's in its order") func executes() async {
        let seen = Kept<[Int: [Int]]>([:])
        await withTaskGroup(of: Void.self) { tasks in
            for sender in 0..<8 {
                tasks.addTask {
                    for number in 0..<500 {
                        reactor.execute { seen.change { $0[sender, default: []].append(number) } }
                    }
                    await reactor.run {}
                }
            }
        }
        #expect(seen.now.values.allSatisfy { $0 == Array(0..<500) } && seen.now.count == 8)
        #expect(await reactor.run { reactor.isOn })
        #expect(!reactor.isOn)
        await reactor.shutDown()
    }

    @Test("fires timers in the order of their deadlines, and never one that was cancelled") func timers() async throws {
        let fired = Kept<[Int]>([])
        await reactor.run {
            let now = SystemClock.uptimeNanoseconds()
            var timers: [any LoopTimer] = []
            for number in [7, 3, 9, 1, 8, 2, 6, 4, 5, 0] {
                timers.append(
                    reactor.schedule(at: now + UInt64(number) * 3_000_000) { fired.change { $0.append(number) } })
            }
            timers[2].cancel()
            timers[9].cancel()
            timers[9].cancel()
        }
        try await eventually("all have fired") { fired.now.count == 8 }
        #expect(fired.now == [1, 2, 3, 4, 5, 6, 7, 8])
        await reactor.shutDown()
    }

    @Test("serves many connections at once, and forgets them when they end") func many() async throws {
        let pairs = try (0..<300).map { _ in try SocketPair() }
        let heard = pairs.map { _ in Heard(HeardState()) }
        for (pair, heard) in zip(pairs, heard) {
            await reactor.run {
                let leg = ReactorLeg(pair.leg, side: .client, on: reactor)
                _ = leg.open()
                let receiver = TestReceiver(heard)
                receiver.target = leg
                leg.attach(receiver)
                leg.setReading(true)
            }
        }
        for round in 0..<3 {
            for (index, pair) in pairs.enumerated() { pair.write(Array("\(index) in \(round)".utf8)) }
            for (index, pair) in pairs.enumerated() {
                let text = Array("\(index) in \(round)".utf8)
                #expect(pair.read(text.count) == text)
            }
        }
        for pair in pairs { close(pair.peer) }
        for heard in heard { try await eventually("its end is told") { heard.now.closed == 1 } }
        await reactor.shutDown()
    }

    @Test("tells its connections that they end when it does") func shutsDown() async throws {
        let pair = try SocketPair()
        let heard = Heard(HeardState())
        let leg = await reactor.leg(pair.leg) { TestReceiver(heard) }
        await reactor.shutDown()
        #expect(heard.now.closed == 1)
        #expect(pair.read(1) == [])
        #expect(!reactor.enqueue {})
        _ = leg
        close(pair.peer)
        await reactor.shutDown()
    }
}

import TestKit
import Testing

@testable import Sidecar

@Suite("When a token is fetched") struct OAuthTokenStateTests {
    /// A state, with times in seconds since the first fetch began.
    private final class Timeline {
        private var state = OAuthTokenState()
        private var random = SeededGenerator(seed: 1)

        private static func nanoseconds(_ seconds: Double) -> UInt64 { 5_000_000_000_000 + UInt64(seconds * 1e9) }

        /// Fetches a token at once.
        init(lifetime: UInt64?, tookSeconds: Double = 0) {
            #expect(begins(at: 0))
            fetched("t", lifetime: lifetime, begun: 0, at: tookSeconds)
        }

        func begins(at time: Double) -> Bool { state.beginFetch(at: Self.nanoseconds(time)) }
        func refuses(_ token: String, at time: Double) -> Bool { state.refused(token, at: Self.nanoseconds(time)) }
        func held(at time: Double) -> OAuthTokenState.Held { state.held(at: Self.nanoseconds(time)) }

        func fetched(_ token: String, lifetime: UInt64?, begun: Double, at time: Double) {
            state.fetched(token, lifetime: lifetime, begun: Self.nanoseconds(begun), at: Self.nanoseconds(time))
        }

        func failed(at time: Double) {
            state.failed("it is away", at: Self.nanoseconds(time), using: &random)
        }

        /// When the next fetch is due, to the tenth.
        func due(from time: Double = 0) -> Double? {
            (0...1_000_000).lazy.map { time + Double($0) / 10 }.first { time in
                var copy = self.state
                return copy.beginFetch(at: Self.nanoseconds(time))
            }
        }
    }

    @Test func `one at a time, and the first at once`() {
        var state = OAuthTokenState()
        #expect(state.held(at: 1) == .pending)
        let begins = [1, 1, .max].map { state.beginFetch(at: $0) }
        #expect(begins == [true, false, false])
    }

    @Test(arguments: [
        (UInt64?(3_600), 2_400.0, 3_590.0), (nil, 200, 290), (9, 6, 8.1), (1, 1, 0.9), (.max, 57_600, 86_390),
    ])
    func `the next comes after two thirds of a token's life, which is counted from the request`(
        lifetime: UInt64?, renewed: Double, over: Double
    ) {
        let timeline = Timeline(lifetime: lifetime)
        #expect(timeline.due() == renewed)
        #expect(timeline.held(at: over - 0.1) == .token("t"))
        #expect(timeline.held(at: over) == .pending)
        let late = Timeline(lifetime: 9, tookSeconds: 7)
        #expect(late.held(at: 9) == .pending)
        #expect(late.due() == 8)
    }

    @Test func `a failure leaves the token for as long as it is good, and is tried again later and later`() throws {
        let timeline = Timeline(lifetime: 300)
        var now = 200.0
        for most in [1.0, 2, 4, 8, 16, 32, 60, 60, 60] {
            #expect(timeline.begins(at: now))
            timeline.failed(at: now)
            let next = try #require(timeline.due(from: now))
            #expect(next - now > most / 2 - 0.1 && next - now < most + 0.2, "\(next - now) of \(most)")
            now = next
        }
        #expect(timeline.held(at: 289) == .token("t"))
        #expect(timeline.held(at: 290) == .missing(reason: "it is away"))
        #expect(timeline.begins(at: now))
        timeline.fetched("u", lifetime: 300, begun: now, at: now)
        #expect(timeline.held(at: now) == .token("u"))
    }

    @Test func `a token that is not taken is dropped, once in ten seconds`() {
        let timeline = Timeline(lifetime: 300)
        #expect(!timeline.refuses("another", at: 1))
        #expect(timeline.refuses("t", at: 1))
        #expect(timeline.held(at: 1) == .pending)
        #expect(timeline.begins(at: 1))
        timeline.fetched("u", lifetime: 300, begun: 1, at: 1)
        // Said late, of the one before.
        #expect(!timeline.refuses("t", at: 2))
        #expect(!timeline.refuses("u", at: 10.9))
        #expect(timeline.held(at: 10.9) == .token("u"))
        #expect(timeline.refuses("u", at: 11))
    }
}

/// What is known of one client's token, and when the next is to be fetched. No clock, no network: times are nanoseconds of the monotonic
/// clock, and come with each call.
struct OAuthTokenState {
    enum Held: Hashable {
        case token(String)
        /// The first is being fetched, or the one after a refusal.
        case pending
        /// The last attempt failed, and no token is good any more.
        case missing(reason: String)
    }

    /// Where the server does not say how long a token is good (RFC 6749 §5.1 leaves that to documentation).
    static let unknownLifetime: UInt64 = 300
    /// No token is kept for longer, whatever the server says: a client that was taken away there is not to go on here for weeks.
    static let longestLifetime: UInt64 = 86_400
    /// Between the end of one fetch and the next, however short tokens live.
    static let shortestPause = second
    /// A service that refuses whatever it is sent makes the sidecar fetch no more often.
    static let refusalPause = 10 * second

    private static let second: UInt64 = 1_000_000_000

    private struct Token {
        var value: String
        var endsAt: UInt64
    }

    private var token: Token?
    /// Those before it, while they are good.
    private var earlier: [Token] = []
    private var isFetching = false
    /// Why the last attempt failed; `nil` where it did not.
    private(set) var failure: String?
    private var nextFetch: UInt64 = 0
    private var lastRefusal: UInt64?
    private var pause = ReconnectPause(shortest: .seconds(1), longest: .seconds(60))

    /// Tokens that were sent before, and that a service takes still.
    func earlierTokens(at now: UInt64) -> [String] { earlier.filter { now < $0.endsAt }.map(\.value) }

    func held(at now: UInt64) -> Held {
        if let token, now < token.endsAt { return .token(token.value) }
        return failure.map { .missing(reason: $0) } ?? .pending
    }

    /// Begins a fetch where one is due; there is one at a time.
    ///
    /// - Returns: Whether the caller is to fetch, and to say what came of it.
    mutating func beginFetch(at now: UInt64) -> Bool {
        guard !isFetching, now >= nextFetch else { return false }
        isFetching = true
        return true
    }

    /// - Parameters:
    ///   - lifetime: In seconds, as the server says it; `nil` where it does not.
    ///   - begun: When the token was asked for, from when on it lives at the earliest.
    mutating func fetched(_ value: String, lifetime: UInt64?, begun: UInt64, at now: UInt64) {
        isFetching = false
        failure = nil
        pause.reset()
        let seconds = min(lifetime ?? Self.unknownLifetime, Self.longestLifetime)
        // Few are good at once: each is fetched when the one before it has a third of its life left.
        earlier = (earlier + [token].compactMap(\.self)).filter { now < $0.endsAt && $0.value != value }.suffix(4)
        // What is sent at its last moment arrives too late: its last tenth, ten seconds at the most, is not used.
        let unused = min(seconds * Self.second / 10, 10 * Self.second)
        token = Token(value: value, endsAt: begun + seconds * Self.second - unused)
        guard now < begun + seconds * Self.second - unused else {
            token = nil
            failure = "gave a token that had ended when it came"
            nextFetch = now + Self.refusalPause
            return
        }
        nextFetch = max(begun + seconds * Self.second / 3 * 2, now + Self.shortestPause)
    }

    mutating func failed(_ reason: String, at now: UInt64, using generator: inout some RandomNumberGenerator) {
        isFetching = false
        failure = reason
        nextFetch = now + UInt64(pause.take(using: &generator) / .nanoseconds(1))
    }

    /// The service did not take a token. It is dropped, so that the next request gets another, unless one was dropped a moment ago.
    ///
    /// - Returns: Whether it was dropped.
    mutating func refused(_ value: String, at now: UInt64) -> Bool {
        guard token?.value == value else { return false }
        if let lastRefusal, now - lastRefusal < Self.refusalPause { return false }
        lastRefusal = now
        earlier = (earlier + [token].compactMap(\.self)).suffix(4)
        token = nil
        expedite(at: now)
        return true
    }

    /// Has the next fetch be due: what it depends on has changed.
    mutating func expedite(at now: UInt64) {
        failure = nil
        pause.reset()
        nextFetch = now
    }
}

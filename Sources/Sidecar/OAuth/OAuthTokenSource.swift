import Enforcement
import Logging
import Policy
import Synchronization

/// One client's token: kept, fetched before it ends, and hidden in whatever is said of it.
final class OAuthTokenSource: Sendable {
    private struct State {
        var token = OAuthTokenState()
        /// Of the client's files, as they were last read.
        var stamps: [FileStamp?] = []
        /// Who waits for the outcome of a fetch.
        var waiting: [@Sendable () -> Void] = []
        /// Why the last attempt failed, as the log has it.
        var logged: String?
    }

    private let client: OAuthClient
    private let fetcher: any OAuthTokenFetching
    private let logger: Logger
    private let now: @Sendable () -> UInt64
    private let state = Mutex(State())

    /// - Parameter now: Nanoseconds of the monotonic clock.
    init(
        _ client: OAuthClient, fetcher: any OAuthTokenFetching, logger: Logger,
        now: @escaping @Sendable () -> UInt64 = { SystemClock.uptimeNanoseconds() }
    ) {
        self.client = client
        self.fetcher = fetcher
        self.logger = logger
        self.now = now
    }

    /// What a request is sent with, now. Begins a fetch where one is due.
    func lookUp() -> HTTPCredentialLookup {
        fetchIfDue()
        let now = now()
        let (held, earlier) = state.withLock { ($0.token.held(at: now), $0.token.earlierTokens(at: now)) }
        switch held {
        case .token(let token): return .found(.bearer(token, hiding: earlier))
        case .pending: return .pending
        case .missing(let reason):
            return .missing(
                message: "There is no token for this service: its token endpoint cannot be reached, or gives none.",
                reason: "no token for the upstream: \(reason)")
        }
    }

    /// Looks at the clock and at the client's files; called about once a second.
    func tick() {
        let stamps = [client.clientIDFile, client.clientSecretFile].map { FileStamp(path: $0) }
        let now = now()
        state.withLock { state in
            if !state.stamps.isEmpty, state.stamps != stamps { state.token.expedite(at: now) }
            state.stamps = stamps
        }
        fetchIfDue()
    }

    /// Has a body run once it is known whether there is a token; at once where it is.
    func whenSettled(_ body: @escaping @Sendable () -> Void) {
        let isSettled = state.withLock { state in
            guard case .pending = state.token.held(at: now()) else { return true }
            state.waiting.append(body)
            return false
        }
        if isSettled { body() }
    }

    /// The service answered 401 to a request with this.
    func refused(_ credential: HTTPCredential) {
        let isDropped = state.withLock { state in
            guard case .token(let token) = state.token.held(at: now()), credential.value == "Bearer \(token)" else {
                return false
            }
            return state.token.refused(token, at: now())
        }
        guard isDropped else { return }
        logger.notice("a service did not take its token; another is fetched", metadata: ["endpoint": "\(endpoint)"])
        fetchIfDue()
    }

    /// Why there is no token; `nil` where there is one, or the first is under way.
    var fault: String? {
        guard case .missing(let reason) = state.withLock({ $0.token.held(at: now()) }) else { return nil }
        return reason
    }

    // MARK: Fetching

    /// Without its query, which may be anything.
    private var endpoint: Substring { client.tokenURL.prefix { $0 != "?" } }

    private func fetchIfDue() {
        let begun = now()
        guard state.withLock({ $0.token.beginFetch(at: begun) }) else { return }
        Task {
            do throws(OAuthFault) {
                let answer = try await fetcher.fetch(try request())
                settle { token, now in
                    token.fetched(answer.token, lifetime: answer.lifetime, begun: begun, at: now)
                }
            } catch {
                let reason = "the token endpoint \(endpoint) \(error)"
                settle { token, now in
                    var generator = SystemRandomNumberGenerator()
                    token.failed(reason, at: now, using: &generator)
                }
            }
        }
    }

    private func request() throws(OAuthFault) -> OAuthTokenRequest {
        do throws(SidecarError) {
            let id = try CredentialFiles.line(of: client.clientIDFile, "a client's identifier (clientIDFile)")
            let secret = try CredentialFiles.line(of: client.clientSecretFile, "a client's secret (clientSecretFile)")
            return OAuthTokenRequest(client, id: id, secret: secret)
        } catch {
            throw OAuthFault("is not asked: \(error.message)")
        }
    }

    private func settle(_ change: (inout OAuthTokenState, UInt64) -> Void) {
        let now = now()
        let (waiting, failure, before) = state.withLock { state in
            change(&state.token, now)
            let before = state.logged
            state.logged = state.token.failure
            defer { state.waiting = [] }
            return (state.waiting, state.token.failure, before)
        }
        // Once, and not at each attempt.
        if let failure, failure != before {
            logger.warning("no token could be fetched", metadata: ["reason": "\(failure)"])
        } else if failure == nil, before != nil {
            logger.notice("a token was fetched", metadata: ["endpoint": "\(endpoint)"])
        }
        for body in waiting { body() }
    }
}

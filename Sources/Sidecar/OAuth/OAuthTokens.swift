import Logging
import NIOCore
import Policy
import Synchronization

/// The tokens of a process, by the client that they are fetched for: a change of policy that leaves a client alone leaves its token.
final class OAuthTokens: Sendable {
    /// A source lives as long as a resource that is in use.
    private struct Entry {
        weak var source: OAuthTokenSource?
    }

    private let fetcher: OAuthTokenFetcher
    private let logger: Logger
    private let entries = Mutex<[OAuthClient: Entry]>([:])

    init(group: any EventLoopGroup, logger: Logger) {
        fetcher = OAuthTokenFetcher(group: group)
        self.logger = logger
    }

    func source(for client: OAuthClient) -> OAuthTokenSource {
        let source = entries.withLock { entries in
            entries = entries.filter { $0.value.source != nil }
            if let known = entries[client]?.source { return known }
            let source = OAuthTokenSource(client, fetcher: fetcher, logger: logger)
            entries[client] = Entry(source: source)
            return source
        }
        source.tick()
        return source
    }

    /// Has each fetch what is due; called about once a second.
    func tick() {
        let sources = entries.withLock { $0.values.compactMap(\.source) }
        for source in sources { source.tick() }
    }

    func shutDown() async {
        await fetcher.shutDown()
    }
}

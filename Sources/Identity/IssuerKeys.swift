import FoundationEssentials

/// The keys of one issuer: found by discovery or in a file, kept for a while, fetched again when a token names one that is
/// not there, and never fetched by two at once.
actor IssuerKeys {
    /// Keys are good for what the provider says, within these: shorter would make every burst of logins a burst of
    /// fetches, longer would keep a withdrawn key alive for a day.
    private static let lifetime: ClosedRange<Int64> = 60...3_600
    private static let defaultLifetime: Int64 = 600
    /// With the provider unreachable, keys serve this much longer, so that its restart does not stop every agent.
    private static let grace: Int64 = 3_600
    /// A token with an unknown `kid` costs the provider at most one fetch in this many seconds.
    private static let refetchInterval: Int64 = 10
    /// A file is on the same machine: it is read again so that rotation needs no restart.
    private static let fileLifetime: Int64 = 5

    private struct Cached {
        var keys: KeySet
        var fetchedAt: Int64
        var goodUntil: Int64
    }

    private let issuer: IssuerConfiguration
    private let fetcher: any KeySetFetching
    private let now: @Sendable () -> Int64
    private var cached: Cached?
    private var lastAttempt: Int64?
    private var inFlight: Task<Result<Cached, TokenError>, Never>?

    init(issuer: IssuerConfiguration, fetcher: any KeySetFetching, now: @escaping @Sendable () -> Int64) {
        self.issuer = issuer
        self.fetcher = fetcher
        self.now = now
    }

    /// - Parameter kid: the key that is wanted; when it is not among those at hand they are fetched again.
    func keys(wanting kid: String?) async throws(TokenError) -> KeySet {
        let time = now()
        if let cached, time < cached.goodUntil {
            guard let kid, !cached.keys.contains(kid: kid) else { return cached.keys }
            guard time - (lastAttempt ?? .min / 2) >= Self.refetchInterval else { return cached.keys }
        }
        // A provider that is down is not asked by every login anew.
        if let lastAttempt, let cached, time - lastAttempt < Self.refetchInterval, time < cached.goodUntil + Self.grace
        {
            return cached.keys
        }
        switch await fetchOnce() {
        case .success(let fresh):
            return fresh.keys
        case .failure(let error):
            if let cached, time < cached.goodUntil + Self.grace { return cached.keys }
            throw error
        }
    }

    private func fetchOnce() async -> Result<Cached, TokenError> {
        if let inFlight { return await inFlight.value }
        lastAttempt = now()
        let task = Task { await self.fetch() }
        inFlight = task
        let result = await task.value
        inFlight = nil
        if case .success(let fresh) = result { cached = fresh }
        return result
    }

    private func fetch() async -> Result<Cached, TokenError> {
        do {
            if let file = issuer.jwksFile {
                let document = try await document(at: .file(file), called: file)
                return .success(
                    try cache(KeySet(json: document.body, origin: file), lifetime: Self.fileLifetime))
            }
            let discovered = try await discover()
            let document = try await document(at: .url(discovered, caFile: issuer.caFile), called: discovered)
            let lifetime = document.maxAge ?? Self.defaultLifetime
            return .success(
                try cache(
                    KeySet(json: document.body, origin: discovered.shownInMessages),
                    lifetime: min(max(lifetime, Self.lifetime.lowerBound), Self.lifetime.upperBound)))
        } catch {
            return .failure(error)
        }
    }

    private func cache(_ keys: KeySet, lifetime: Int64) throws(TokenError) -> Cached {
        let time = now()
        return Cached(keys: keys, fetchedAt: time, goodUntil: time + lifetime)
    }

    /// OpenID Connect Discovery §4: the document's `issuer` must be the very URL that was asked.
    private func discover() async throws(TokenError) -> String {
        struct Metadata: Decodable {
            var issuer: String
            var jwks_uri: String
        }
        try Self.requireConfidential(issuer.url, named: "the issuer")
        let base = issuer.url.hasSuffix("/") ? String(issuer.url.dropLast()) : issuer.url
        let url = base + "/.well-known/openid-configuration"
        let document = try await document(at: .url(url, caFile: issuer.caFile), called: url)
        guard let metadata = try? JSONDecoder().decode(Metadata.self, from: Data(document.body)) else {
            throw TokenError(.keysUnavailable, "\(url) is no OpenID discovery document: it lacks issuer or jwks_uri")
        }
        guard metadata.issuer == issuer.url else {
            throw TokenError(
                .keysUnavailable,
                "\(url) speaks for the issuer \(metadata.issuer.shownInMessages), not for \(issuer.url): "
                    + "write the issuer's URL exactly as the provider does, trailing slash included")
        }
        try Self.requireConfidential(metadata.jwks_uri, named: "jwks_uri of \(issuer.url)")
        return metadata.jwks_uri
    }

    private func document(at location: KeySetLocation, called name: String) async throws(TokenError) -> FetchedDocument
    {
        do {
            return try await fetcher.fetch(location)
        } catch {
            throw TokenError(.keysUnavailable, "cannot read keys from \(name.shownInMessages): \(error)")
        }
    }

    /// Keys that come over plain HTTP can be anybody's; loopback has no network to be overheard on.
    private static func requireConfidential(_ url: String, named name: String) throws(TokenError) {
        if url.hasPrefix("https://") { return }
        let loopback = ["http://127.0.0.1", "http://localhost", "http://[::1]"]
        let isLoopback = loopback.contains { prefix in
            guard url.hasPrefix(prefix) else { return false }
            let rest = url.dropFirst(prefix.count)
            return rest.isEmpty || rest.first == ":" || rest.first == "/"
        }
        guard isLoopback else {
            throw TokenError(
                .keysUnavailable, "\(name) is \(url.shownInMessages): it must be an https URL (http only on loopback)")
        }
    }
}

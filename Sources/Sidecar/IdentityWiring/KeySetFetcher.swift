import AsyncHTTPClient
import Identity
import NIOCore
import NIOHTTP1
import NIOSSL

/// Gets key sets over HTTPS or from files, for the token verifier.
struct KeySetFetcher: KeySetFetching {
    private let client: HTTPClient

    init(group: any EventLoopGroup) {
        var configuration = HTTPClient.Configuration()
        // A redirect would let a provider's mistake point at somebody else's keys.
        configuration.redirectConfiguration = .disallow
        configuration.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(5), read: .seconds(5))
        configuration.connectionPool.idleTimeout = .seconds(10)
        client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
    }

    func shutDown() async {
        try? await client.shutdown()
    }

    func fetch(_ location: KeySetLocation) async throws -> FetchedDocument {
        switch location {
        case .file(let path):
            return FetchedDocument(
                body: try readFile(path, what: "a JWK set", maximumBytes: FetchedDocument.maximumBytes))
        case .url(let url, let caFile):
            var request = HTTPClientRequest(url: url)
            request.headers.add(name: "accept", value: "application/json")
            if let caFile {
                var tls = TLSConfiguration.makeClientConfiguration()
                tls.trustRoots = .certificates(try readCertificates(caFile, what: "the CA of an issuer (caFile)"))
                request.tlsConfiguration = tls
            }
            let response = try await client.execute(request, timeout: .seconds(10))
            guard response.status == .ok else {
                throw FetchError(description: "the answer was \(response.status.code) and not 200")
            }
            let body = try await response.body.collect(upTo: FetchedDocument.maximumBytes)
            return FetchedDocument(
                body: Array(body.readableBytesView), cacheControl: response.headers["cache-control"])
        }
    }
}

private struct FetchError: Error, CustomStringConvertible {
    var description: String
}

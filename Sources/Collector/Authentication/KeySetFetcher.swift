import AsyncHTTPClient
import Foundation
import Identity
import NIOCore
import NIOHTTP1
import NIOSSL

/// Fetches issuers' keys over HTTPS, or from files.
struct KeySetFetcher: KeySetFetching {
    /// An issuer that does not answer within this holds up the first caller only; the keys are kept.
    private static let timeout: TimeAmount = .seconds(5)

    func fetch(_ location: KeySetLocation) async throws -> FetchedDocument {
        switch location {
        case .file(let path):
            guard let data = FileManager.default.contents(atPath: path) else {
                throw CollectorError(.missingFile, "\(path) cannot be read")
            }
            guard data.count <= FetchedDocument.maximumBytes else {
                throw CollectorError(
                    .configuration, "\(path) is larger than \(FetchedDocument.maximumBytes) bytes, no JWK set is")
            }
            return FetchedDocument(body: [UInt8](data))
        case .url(let url, let caFile):
            return try await get(url, caFile: caFile)
        }
    }

    private func get(_ url: String, caFile: String?) async throws -> FetchedDocument {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        if let caFile {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(caFile)
            configuration.tlsConfiguration = tls
        }
        // Keys are fetched a few times an hour at most: a client a time keeps no idle connection.
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let response = try await client.execute(HTTPClientRequest(url: url), timeout: Self.timeout)
            guard response.status == .ok else {
                throw CollectorError(.unavailable, "\(url) answered \(response.status.code)")
            }
            let body = try await response.body.collect(upTo: FetchedDocument.maximumBytes)
            try await client.shutdown()
            return FetchedDocument(
                body: Array(body.readableBytesView), cacheControl: response.headers["cache-control"])
        } catch {
            try? await client.shutdown()
            if error is CollectorError { throw error }
            throw CollectorError(.unavailable, "\(url) cannot be reached: \(error)")
        }
    }
}

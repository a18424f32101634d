import AsyncHTTPClient
import Collector
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// The audit API, from the side of whoever asks.
struct CollectorClient: Sendable {
    private let base: String
    private let token: String
    private let http: HTTPClient

    /// An answer in full is no larger; streams and exports are read piece by piece.
    private static let maximumAnswer = 64 << 20
    private static let timeout: TimeAmount = .seconds(30)

    init(url: String, token: String, authority: String?) throws(Fault) {
        base = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.token = token
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        if let authority {
            guard FileManager.default.isReadableFile(atPath: authority) else {
                throw Fault(.noInput, "the authority's certificate \(authority) cannot be read")
            }
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(authority)
            configuration.tlsConfiguration = tls
        }
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func shutdown() async throws {
        try await http.shutdown()
    }

    // MARK: Requests

    func get<Value: Decodable>(_ path: String, _ query: [String: String?] = [:], as type: Value.Type) async throws
        -> Value
    {
        try await decode(type, from: try await send(.GET, path, query))
    }

    func send<Value: Decodable>(
        _ method: HTTPMethod, _ path: String, body: some Encodable, as type: Value.Type
    ) async throws -> Value {
        try await decode(type, from: try await send(method, path, [:], body: try JSONEncoder().encode(body)))
    }

    func delete<Value: Decodable>(_ path: String, as type: Value.Type) async throws -> Value {
        try await decode(type, from: try await send(.DELETE, path, [:]))
    }

    /// The items of a listing, page after page, up to `limit`.
    func list<Item: Codable & Sendable>(
        _ path: String, _ query: [String: String?], limit: Int, as type: Item.Type
    ) async throws -> [Item] {
        var items: [Item] = []
        var query = query
        while items.count < limit {
            query["limit"] = "\(min(limit - items.count, 500))"
            let page = try await get(path, query, as: Page<Item>.self)
            items.append(contentsOf: page.items)
            guard let next = page.next else { break }
            query["cursor"] = next
        }
        return items
    }

    /// The lines of an answer, as they come.
    func lines(
        _ path: String, _ query: [String: String?] = [:], headers: [(String, String)] = [],
        each: (String) async throws -> Void
    ) async throws {
        // A stream has no end to wait for; the connection's silence is what counts.
        let response = try await send(.GET, path, query, headers: headers, timeout: .hours(24 * 365))
        var pending = ByteBuffer()
        do {
            for try await part in response.body {
                pending.writeImmutableBuffer(part)
                while let index = pending.readableBytesView.firstIndex(of: 0x0A) {
                    let length = index - pending.readerIndex
                    let line = pending.readString(length: length) ?? ""
                    pending.moveReaderIndex(forwardBy: 1)
                    try await each(line)
                }
                pending.discardReadBytes()
                guard pending.readableBytes <= Self.maximumAnswer else {
                    throw Fault(.dataError, "the collector sent a line that has no end")
                }
            }
        } catch let error as HTTPClientError {
            throw Fault(.temporaryFailure, "the connection to \(base) broke: \(error.shortDescription)")
        } catch let error as ChannelError {
            throw Fault(.temporaryFailure, "the connection to \(base) broke: \(error)")
        }
        if pending.readableBytes > 0 { try await each(String(buffer: pending)) }
    }

    // MARK: Beneath

    private func send(
        _ method: HTTPMethod, _ path: String, _ query: [String: String?], body: Data? = nil,
        headers: [(String, String)] = [], timeout: TimeAmount = timeout
    ) async throws -> HTTPClientResponse {
        var url = base + "/v1/" + path
        let parameters = query.compactMapValues(\.self).sorted { $0.key < $1.key }
        if !parameters.isEmpty {
            url += "?" + parameters.map { "\($0.key)=\(Self.escape($0.value))" }.joined(separator: "&")
        }
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        request.headers.add(name: "Accept", value: "*/*")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body)
        }
        let response: HTTPClientResponse
        do {
            response = try await http.execute(request, timeout: timeout)
        } catch let error as CancellationError {
            throw error
        } catch let error as HTTPClientError where error == .remoteConnectionClosed && base.hasPrefix("http:") {
            throw Fault(
                .unavailable,
                "the collector at \(base) closed the connection; if it has a certificate, say https:// (--collector or "
                    + "STILE_COLLECTOR)")
        } catch let error as HTTPClientError {
            throw Fault(.unavailable, "the collector at \(base) does not answer: \(error.shortDescription)")
        } catch let error as NIOSSLError {
            // BoringSSL's words for an answer that is no TLS.
            if "\(error)".contains("WRONG_VERSION_NUMBER") {
                throw Fault(
                    .unavailable,
                    "the collector at \(base) answers without TLS: it has no certificate for its API; say http:// on its own "
                        + "machine, or give it --http-certificate and --http-key")
            }
            throw Fault(
                .unavailable,
                "the certificate of the collector at \(base) is not from an authority that is trusted here, or not for "
                    + "this name; name its authority with --ca")
        } catch {
            throw Fault(
                .unavailable,
                "the collector at \(base) cannot be reached; is it running? (--collector or STILE_COLLECTOR)")
        }
        guard (200..<300).contains(response.status.code) else { throw try await problem(response) }
        return response
    }

    private func problem(_ response: HTTPClientResponse) async throws -> Fault {
        let body = try await response.body.collect(upTo: 64 << 10)
        let view = try? JSONDecoder().decode(ProblemView.self, from: Data(body.readableBytesView))
        let message = view.map { $0.detail ?? $0.title } ?? "the collector answered \(response.status)"
        return switch response.status.code {
        case 400, 413, 415: Fault(.usage, message)
        case 401, 403: Fault(.noPermission, message)
        case 404: Fault(.noInput, message)
        case 409: Fault(.dataError, message)
        case 503: Fault(.temporaryFailure, message)
        default: Fault(.unavailable, message)
        }
    }

    private func decode<Value: Decodable>(_ type: Value.Type, from response: HTTPClientResponse) async throws -> Value {
        let body = try await response.body.collect(upTo: Self.maximumAnswer)
        do {
            return try JSONDecoder().decode(type, from: Data(body.readableBytesView))
        } catch {
            throw Fault(.dataError, "the collector at \(base) answered what this command does not understand: \(error)")
        }
    }

    /// A path segment or query value.
    static func escape(_ text: String) -> String {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        return text.addingPercentEncoding(withAllowedCharacters: allowed.intersection(.init(charactersIn: "\0"..."~")))
            ?? ""
    }
}

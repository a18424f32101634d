import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// Asks token endpoints.
protocol OAuthTokenFetching: Sendable {
    /// - Throws: ``OAuthFault``, which says nothing of the request's secrets.
    func fetch(_ request: OAuthTokenRequest) async throws(OAuthFault) -> OAuthTokenAnswer
}

/// Asks token endpoints over HTTPS, and over plain HTTP those of this machine, which is all that policy lets be named.
final class OAuthTokenFetcher: OAuthTokenFetching {
    /// For all of it, whatever the server's pace.
    private static let limit = Duration.seconds(10)

    private enum State {
        case unused
        case used(HTTPClient)
        case shutDown
    }

    private let group: any EventLoopGroup
    private let state = Mutex(State.unused)

    init(group: any EventLoopGroup) {
        self.group = group
    }

    func shutDown() async {
        let client = state.withLock { state in
            defer { state = .shutDown }
            if case .used(let client) = state { return client as HTTPClient? }
            return nil
        }
        try? await client?.shutdown()
    }

    /// Made when it is first asked for: most policies name no token endpoint.
    private func client() throws(OAuthFault) -> HTTPClient {
        let client = state.withLock { state -> HTTPClient? in
            switch state {
            case .used(let client): return client
            case .shutDown: return nil
            case .unused:
                var configuration = HTTPClient.Configuration()
                // A redirect would take the client's secret to somebody else.
                configuration.redirectConfiguration = .disallow
                configuration.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(5), read: .seconds(5))
                configuration.connectionPool.idleTimeout = .seconds(10)
                // Requests wait for the outcome, and there is a next attempt anyway.
                configuration.connectionPool.retryConnectionEstablishment = false
                let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
                state = .used(client)
                return client
            }
        }
        guard let client else { throw OAuthFault("is not asked: the sidecar stops") }
        return client
    }

    func fetch(_ request: OAuthTokenRequest) async throws(OAuthFault) -> OAuthTokenAnswer {
        let client = try client()
        let (status, body): (Int, [UInt8])
        do {
            (status, body) = try await Self.answer(to: request, client)
        } catch {
            throw Self.fault(error)
        }
        return try OAuthTokenAnswer(status: status, body: body)
    }

    private static func answer(
        to request: OAuthTokenRequest, _ client: HTTPClient
    ) async throws -> (Int, [UInt8]) {
        var message = HTTPClientRequest(url: request.url)
        message.method = .POST
        message.headers.add(name: "authorization", value: request.authorization)
        message.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        message.headers.add(name: "accept", value: "application/json")
        message.body = .bytes(ByteBuffer(string: request.body))
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let caFile = request.caFile {
            tls.trustRoots = .certificates(try readCertificates(caFile, what: "the CA of a token endpoint (caFile)"))
        }
        message.tlsConfiguration = tls
        let sent = message
        return try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { tasks in
            tasks.addTask {
                let response = try await client.execute(sent, timeout: .seconds(10))
                let body = try await response.body.collect(upTo: OAuthTokenAnswer.maximumBytes)
                return (Int(response.status.code), Array(body.readableBytesView))
            }
            // The client's own limits are for the head, and for the time between two pieces of the body.
            tasks.addTask {
                try await Task.sleep(for: limit)
                throw OAuthFault("did not answer within 10 s")
            }
            defer { tasks.cancelAll() }
            guard let first = try await tasks.next() else { throw CancellationError() }
            return first
        }
    }

    private static func fault(_ error: any Error) -> OAuthFault {
        switch error {
        case let error as OAuthFault: error
        case let error as SidecarError: OAuthFault("is not asked: \(error.message)")
        case is NIOTooManyBytesError:
            OAuthFault("answered with more than \(OAuthTokenAnswer.maximumBytes) bytes")
        case let error as HTTPClientError where error == .connectTimeout || error == .deadlineExceeded:
            OAuthFault("did not answer in time")
        case let error as NIOConnectionError where error.connectionErrors.isEmpty:
            OAuthFault("cannot be reached: its host name does not resolve")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            OAuthFault("cannot be reached: TLS failed: \(error); check caFile and the server's certificate")
        default: OAuthFault("cannot be reached: \(Dialing.reason(of: error))")
        }
    }
}

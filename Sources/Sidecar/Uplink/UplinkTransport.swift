package import GRPCCore
import GRPCNIOTransportHTTP2
import Glibc
package import NIOCore
import NIOPosix
package import UplinkProtocol

/// One call of the uplink, from its connection to its end.
package protocol UplinkTransport: Sendable {
    /// For a person: where the collector is.
    var target: String { get }

    /// Makes a call and sees it through.
    ///
    /// - Parameters:
    ///   - send: Writes messages; its return ends the sidecar's half.
    ///   - receive: Reads messages to their end.
    /// - Throws: When the collector cannot be reached or ends the call with an error.
    func call(
        send: @escaping @Sendable (RPCWriter<PBFromSidecar>) async throws -> Void,
        receive: @escaping @Sendable (RPCAsyncSequence<PBFromCollector, any Error>) async throws -> Void
    ) async throws
}

/// gRPC over HTTP/2, authenticated both ways by TLS.
package struct GRPCUplinkTransport: UplinkTransport {
    private let collector: SidecarConfiguration.Collector
    private let group: any EventLoopGroup

    package var target: String { "\(collector.host):\(collector.port)" }

    /// - Parameter group: Where the connection lives.
    /// - Throws: ``SidecarError`` that names the file or the setting at fault: a certificate that cannot be read, a
    ///   key without one, no TLS to another host.
    package init(
        _ collector: SidecarConfiguration.Collector, group: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup
    ) throws(SidecarError) {
        self.collector = collector
        self.group = group
        for file in [collector.caFile, collector.certificateFile, collector.keyFile].compactMap({ $0 }) {
            guard access(file, R_OK) == 0 else {
                throw SidecarError(.noInput, "collector: cannot read \(file): \(String(cString: strerror(errno)))")
            }
        }
        guard (collector.certificateFile == nil) == (collector.keyFile == nil) else {
            throw SidecarError(.config, "collector: a certificate and its key are given together, or neither is")
        }
        if collector.certificateFile == nil {
            guard collector.caFile == nil else {
                throw SidecarError(.config, "collector: the sidecar needs a certificate and a key of its own")
            }
            guard Self.isLoopback(collector.host) else {
                throw SidecarError(
                    .config,
                    "collector: \(collector.host) is another host: give a CA, a certificate and a key (stile certs)")
            }
        }
        do {
            _ = try makeTransport()
        } catch {
            let files = [collector.caFile, collector.certificateFile, collector.keyFile].compactMap { $0 }
            throw SidecarError(
                .config, "collector: no TLS can be made of \(files.joined(separator: ", ")): \(describe(error))")
        }
    }

    package func call(
        send: @escaping @Sendable (RPCWriter<PBFromSidecar>) async throws -> Void,
        receive: @escaping @Sendable (RPCAsyncSequence<PBFromCollector, any Error>) async throws -> Void
    ) async throws {
        // A transport a call: a certificate that was renewed is read again.
        try await withGRPCClient(transport: makeTransport()) { client in
            var options = CallOptions.defaults
            // Fail and say so, rather than wait inside: the pauses are the uplink's.
            options.waitForReady = false
            try await PBUplink.Client(wrapping: client).connect(options: options, requestProducer: send) { response in
                try await receive(response.messages)
            }
        }
    }

    private func makeTransport() throws -> HTTP2ClientTransport.Posix {
        let host = collector.host
        let target: any ResolvableTarget =
            Self.isAddress(host, AF_INET)
            ? .ipv4(address: host, port: collector.port)
            : Self.isAddress(host, AF_INET6)
                ? .ipv6(address: host, port: collector.port) : .dns(host: host, port: collector.port)
        return try HTTP2ClientTransport.Posix(
            target: target, transportSecurity: security,
            config: .defaults { config in
                // Finds a collector whose host went away without a word.
                config.connection.keepalive = .init(
                    time: .seconds(30), timeout: .seconds(10), allowWithoutCalls: false)
            }, eventLoopGroup: group)
    }

    private var security: HTTP2ClientTransport.Posix.TransportSecurity {
        guard let certificate = collector.certificateFile, let key = collector.keyFile else { return .plaintext }
        return .mTLS(
            certificateChain: [.file(path: certificate, format: .pem)],
            privateKey: .file(path: key, format: .pem)
        ) { tls in
            if let ca = collector.caFile { tls.trustRoots = .certificates([.file(path: ca, format: .pem)]) }
        }
    }

    private func describe(_ error: any Error) -> String {
        guard let error = error as? RuntimeError, let cause = error.cause else { return "\(error)" }
        return "\(cause)"
    }

    private static func isAddress(_ host: String, _ family: Int32) -> Bool {
        var bytes = in6_addr()
        return inet_pton(family, host, &bytes) == 1
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.") && isAddress(host, AF_INET)
    }
}

import Collector
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import Records
import SwiftProtobuf
import Synchronization
import TestKit
import UplinkProtocol

/// The sidecar's end of the uplink, driven by hand.
final class UplinkClient: Sendable {
    private let outbound: AsyncStream<PBFromSidecar>.Continuation
    private let inbound: Inbound
    private let task: Task<Void, any Error>

    private final class Inbound: Sendable {
        let messages = Mutex<[PBFromCollector]>([])
        let failure = Mutex<(any Error)?>(nil)
    }

    /// Connects and says hello.
    init(
        _ addresses: CollectorServer.Addresses, authority: CertificateAuthority,
        identity: CertificateAuthority.Issued?, sidecarID: String, sayHello: Bool = true
    ) throws {
        let (stream, continuation) = AsyncStream.makeStream(of: PBFromSidecar.self)
        outbound = continuation
        let inbound = Inbound()
        self.inbound = inbound
        let root = Array(try authority.certificatePEM.utf8)
        let transport = try HTTP2ClientTransport.Posix(
            target: .dns(host: "localhost", port: addresses.uplink.port),
            transportSecurity: .tls { tls in
                tls.trustRoots = .certificates([.bytes(root, format: .pem)])
                if let identity {
                    tls.certificateChain = [.bytes(Array(identity.certificatePEM.utf8), format: .pem)]
                    tls.privateKey = .bytes(Array(identity.keyPEM.utf8), format: .pem)
                }
            })
        task = Task {
            do {
                try await withGRPCClient(transport: transport) { client in
                    try await PBUplink.Client(wrapping: client).connect(
                        requestProducer: { writer in
                            for await message in stream { try await writer.write(message) }
                        },
                        onResponse: { response in
                            for try await message in response.messages {
                                inbound.messages.withLock { $0.append(message) }
                            }
                        })
                }
            } catch {
                inbound.failure.withLock { $0 = error }
                throw error
            }
        }
        if sayHello {
            send(
                .with {
                    $0.hello.sidecarID = sidecarID
                    $0.hello.version = "test"
                })
        }
    }

    deinit { task.cancel() }

    func send(_ message: PBFromSidecar) { outbound.yield(message) }

    func send(batch: UInt64, _ records: [[UInt8]]) {
        send(
            .with {
                $0.records.batch = batch
                $0.records.records = records.map { Data($0) }
            })
    }

    /// Sends records as a sidecar does.
    func send(batch: UInt64, packed: BatchEncoder.Batch, encoding: UInt32 = BatchLimits.encoding) {
        send(
            .with {
                $0.records.batch = batch
                $0.records.encoding = encoding
                $0.records.size = UInt32(packed.size)
                $0.records.content = Data(packed.content)
            })
    }

    /// The first message that fits, waited for.
    func message<Value>(_ what: String, _ pick: @escaping (PBFromCollector) -> Value?) async throws -> Value {
        try await eventually(what) { () async throws -> Value? in
            if let failure = self.inbound.failure.withLock({ $0 }) { throw failure }
            return self.messages.lazy.compactMap(pick).first
        }
    }

    var messages: [PBFromCollector] { inbound.messages.withLock { $0 } }

    func stored(_ batch: UInt64) async throws {
        _ = try await message("batch \(batch) is acknowledged") { message -> Bool? in
            if case .stored(let stored)? = message.message, stored.batch >= batch { return true }
            return nil
        }
    }

    func decision(_ id: String) async throws -> PBApprovalDecision {
        try await message("approval \(id) is decided") { message -> PBApprovalDecision? in
            if case .decision(let decision)? = message.message, decision.approvalID == id { return decision }
            return nil
        }
    }

    func welcome() async throws -> PBWelcome {
        try await message("a welcome comes") { message -> PBWelcome? in
            if case .welcome(let welcome)? = message.message { return welcome }
            return nil
        }
    }

    /// How the call ended.
    func failure() async throws -> any Error {
        try await eventually("the call fails") { () async throws -> (any Error)? in
            self.inbound.failure.withLock { $0 }
        }
    }

    /// Half-closes and waits for the end.
    func close() async throws {
        outbound.finish()
        try await task.value
    }
}

import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import Records
import Sidecar
import SwiftProtobuf
import Synchronization
import TestKit
import UplinkProtocol

/// A collector that does as a test says, over real gRPC on a port of its own.
final class TestCollector: PBUplink.SimpleServiceProtocol {
    struct State {
        /// What the store holds: by session and sequence, each once.
        var stored: [String: [UInt8]] = [:]
        /// Every record that came, as often as it came.
        var received = 0
        var connections = 0
        var hellos: [PBHello] = []
        var approvals: [String] = []
        var withdrawn: [String] = []
        var heartbeats = 0
        /// Breaks a connection at its n-th batch, after storing it and before telling so.
        var breakAtBatch: UInt64?
        var breaks = 0
        /// Acknowledge nothing.
        var isMute = false
        var neverWelcomes = false
        var revocations: [PBRevocation] = []
        /// Answers what is asked.
        var decide: (@Sendable (PBApprovalRequest) -> PBApprovalDecision?)?
        var outbound: AsyncStream<PBFromCollector>.Continuation?
        /// Says of so many packed batches that they cannot be restored.
        var unrestorable = 0
        /// It knows nothing of packed batches.
        var isOld = false
        /// Batches that came packed, and their bytes; and those that came as they are.
        var packed = 0
        var packedBytes = 0
        var whole = 0
    }

    let state = Mutex(State())

    func tell(_ message: PBFromCollector) { state.withLock { _ = $0.outbound?.yield(message) } }

    func connect(
        request: RPCAsyncSequence<PBFromSidecar, any Error>, response: RPCWriter<PBFromCollector>,
        context: ServerContext
    ) async throws {
        let (outbound, continuation) = AsyncStream.makeStream(of: PBFromCollector.self)
        state.withLock { state in
            state.connections += 1
            state.outbound = continuation
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for await message in outbound { try await response.write(message) } }
            var decoder = try BatchDecoder()
            for try await message in request { try self.handle(message, continuation, &decoder) }
            continuation.finish()
            try await group.waitForAll()
        }
    }

    private func handle(
        _ message: PBFromSidecar, _ outbound: AsyncStream<PBFromCollector>.Continuation, _ decoder: inout BatchDecoder
    ) throws {
        var records: [[UInt8]] = []
        if case .records(let batch) = message.message {
            let isRefused = state.withLock { state in
                guard batch.encoding != 0 else {
                    state.whole += 1
                    return false
                }
                state.packed += 1
                state.packedBytes += batch.content.count
                state.unrestorable -= 1
                return state.unrestorable >= 0
            }
            if isRefused { throw RPCError(code: .dataLoss, message: "the test cannot restore it") }
            records =
                batch.encoding == 0
                ? batch.records.map { Array($0) }
                : try decoder.decode(Array(batch.content), size: Int(batch.size)).map(\.bytes)
        }
        try state.withLock { state in
            switch message.message {
            case .hello(let hello):
                state.hellos.append(hello)
                guard !state.neverWelcomes else { return }
                outbound.yield(
                    .with {
                        $0.welcome.collectorID = "test"
                        $0.welcome.revocations = state.revocations
                        $0.welcome.batchEncoding = state.isOld ? 0 : BatchLimits.encoding
                    })
            case .records(let batch):
                for record in records {
                    state.received += 1
                    let envelope = try RecordEnvelope(of: record)
                    state.stored["\(envelope.sessionID) \(envelope.sequence)"] = record
                }
                if batch.batch == state.breakAtBatch {
                    state.breaks += 1
                    throw RPCError(code: .unavailable, message: "the test breaks the connection")
                }
                if !state.isMute { outbound.yield(.with { $0.stored.batch = batch.batch }) }
            case .approval(let request):
                state.approvals.append(request.approvalID)
                if let decision = state.decide?(request) { outbound.yield(.with { $0.decision = decision }) }
            case .withdrawn(let withdrawal): state.withdrawn.append(withdrawal.approvalID)
            case .heartbeat: state.heartbeats += 1
            case nil: break
            }
        }
    }

    /// Serves while `body` runs. Afterwards nobody listens on the port any more.
    func serving(
        port: Int = 0, security: HTTP2ServerTransport.Posix.TransportSecurity = .plaintext,
        _ body: (Int) async throws -> Void
    ) async throws {
        // A copy of the last server's listener may be in a program that is just being started, and closes with its exec: until then
        // nobody else can listen.
        try await eventually("the collector listens") { try await served(port: port, security: security, body) }
    }

    /// - Returns: Whether it could listen; `body` is run only if so.
    private func served(
        port: Int, security: HTTP2ServerTransport.Posix.TransportSecurity, _ body: (Int) async throws -> Void
    ) async throws -> Bool {
        let server = GRPCServer(
            transport: .http2NIOPosix(
                address: .ipv4(host: "127.0.0.1", port: port), transportSecurity: security),
            services: [self])
        return try await withThrowingTaskGroup(of: Void.self) { group in
            // Whatever is left then is cut off.
            defer { group.cancelAll() }
            group.addTask { try await server.serve() }
            guard let bound = try? await server.listeningAddress?.ipv4?.port else { return false }
            let outcome = await Result { try await body(bound) }
            // First no more connections: one that is accepted while the server is cancelled traps in NIO.
            server.beginGracefulShutdown()
            try await eventually("the listener is closed") { !LoopbackPort.isListening(bound) }
            try outcome.get()
            return true
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

final class TestCondition: SidecarConditionReporting {
    var openSessions: UInt64 { 3 }
    var policyDigest: [UInt8] { [1, 2, 3] }
    var policyName: String { "test" }
}

final class TestRevocations: RevocationListening {
    let inForce = Mutex<[String]>([])

    func revocationChanged(_ revocation: PBRevocation) {
        inForce.withLock { ids in
            ids.removeAll { $0 == revocation.id }
            if !revocation.lifted { ids.append(revocation.id) }
        }
    }

    func revocationsReplaced(_ revocations: [PBRevocation]) {
        inForce.withLock { $0 = revocations.map(\.id) }
    }
}

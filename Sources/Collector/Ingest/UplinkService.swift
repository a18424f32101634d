import GRDB
import GRPCCore
import GRPCNIOTransportHTTP2
import Logging
import Records
import SwiftProtobuf
import UplinkProtocol

/// The collector's end of the uplink: one call a sidecar, for as long as it runs.
struct UplinkService: PBUplink.SimpleServiceProtocol {
    let collectorID: String
    let store: Store
    let queue: IngestQueue
    let approvals: Approvals
    let sidecars: SidecarRegistry
    let metrics: Metrics
    let changes: ChangeSignal
    let logger: Logger

    func connect(
        request: RPCAsyncSequence<PBFromSidecar, any Error>,
        response: RPCWriter<PBFromCollector>,
        context: ServerContext
    ) async throws {
        var messages = request.makeAsyncIterator()
        let (hello, identity) = try await admit(&messages, context)
        let (outbound, continuation) = AsyncStream.makeStream(of: PBFromCollector.self)
        // Known to the registry before the state is read: what changes in between is told twice and never missed. What
        // is told meanwhile waits in the stream until the welcome is out.
        let connection = sidecars.add(hello.sidecarID, continuation)
        defer {
            sidecars.remove(connection)
            continuation.finish()
        }
        let now = store.clock()
        let (revocations, decisions) = try await remember(hello, identity, now: now)
        try await response.write(
            .with {
                $0.welcome.collectorID = collectorID
                $0.welcome.revocations = revocations
                $0.welcome.batchEncoding = BatchLimits.encoding
            })
        for decision in decisions { try await response.write(.with { $0.decision = decision }) }
        logger.info(
            "sidecar connected", metadata: ["sidecar": "\(hello.sidecarID)", "version": "\(hello.version.prefix(64))"])
        let flow = UplinkFlow(outbound: continuation)
        do {
            try await run(messages, hello.sidecarID, flow: flow, outbound: outbound, response: response)
        } catch {
            logger.info("sidecar disconnected", metadata: ["sidecar": "\(hello.sidecarID)", "error": "\(error)"])
            throw error
        }
        if flow.failed {
            throw RPCError(code: .unavailable, message: "the collector could not store the records; send them again")
        }
        logger.info("sidecar disconnected", metadata: ["sidecar": "\(hello.sidecarID)"])
    }

    // MARK: Admission

    private func admit(
        _ messages: inout RPCAsyncSequence<PBFromSidecar, any Error>.AsyncIterator, _ context: ServerContext
    ) async throws -> (PBHello, SidecarIdentity) {
        let transport = context.transportSpecific as? HTTP2ServerTransport.Posix.Context
        guard let certificate = transport?.peerCertificate, let identity = try? SidecarIdentity(certificate) else {
            throw refuse(.unauthenticated, "a client certificate is needed", context)
        }
        guard case .hello(let hello)? = try await messages.next()?.message else {
            throw refuse(.failedPrecondition, "the first message is not a hello", context)
        }
        // The certificate says who it is, not the message: records and decisions are bound to this id.
        guard identity.names.contains(hello.sidecarID) else {
            throw refuse(
                .permissionDenied,
                "the certificate is for \(identity.names.sorted().joined(separator: ", ")), not for sidecar id "
                    + "\"\(hello.sidecarID.prefix(64))\"", context)
        }
        return (hello, identity)
    }

    private func refuse(_ code: RPCError.Code, _ message: String, _ context: ServerContext) -> RPCError {
        metrics.refusedConnection()
        logger.warning("sidecar refused", metadata: ["peer": "\(context.remotePeer)", "reason": "\(message)"])
        return RPCError(code: code, message: message)
    }

    /// Notes the sidecar and its key, and reads what it has to be told.
    private func remember(
        _ hello: PBHello, _ identity: SidecarIdentity, now: Timestamp
    ) async throws -> ([PBRevocation], [PBApprovalDecision]) {
        try await store.write { db in
            try SidecarRows.connected(db, hello, identity, now: now)
            return (
                try RevocationRows.inForce(db).map(\.message),
                try ApprovalRows.undelivered(db, sidecarID: hello.sidecarID, now: now)
            )
        }
    }

    // MARK: The stream

    private func run(
        _ messages: consuming RPCAsyncSequence<PBFromSidecar, any Error>.AsyncIterator, _ sidecarID: String,
        flow: UplinkFlow, outbound: AsyncStream<PBFromCollector>, response: RPCWriter<PBFromCollector>
    ) async throws {
        let inbound = Disconnected(messages)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await message in outbound { try await response.write(message) }
            }
            group.addTask {
                var messages = inbound.take()
                // What a connection leaves out, its earlier batches tell.
                var decoder = try BatchDecoder()
                while let message = try await messages.next() {
                    if case .records(let batch) = message.message {
                        try await take(try restore(batch, &decoder, sidecarID), batch.batch, sidecarID, flow: flow)
                    } else {
                        try await handle(message, sidecarID, flow: flow)
                    }
                }
                // No more will come: the stream ends when the last acknowledgement is out.
                flow.readerFinished()
                try await Task.sleepUntilCancelled()
            }
            // The writer ends when all is said, or when the collector drains; the reader only by failing.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func handle(_ message: PBFromSidecar, _ sidecarID: String, flow: UplinkFlow) async throws {
        switch message.message {
        case .approval(let request):
            try await approvals.ask(request, sidecarID: sidecarID)
        case .withdrawn(let withdrawal):
            try await approvals.withdraw(withdrawal, sidecarID: sidecarID)
        case .heartbeat(let heartbeat):
            try await note(heartbeat, sidecarID, flow: flow)
        case .records, .hello, nil:
            throw RPCError(code: .failedPrecondition, message: "a hello comes first, and once")
        }
    }

    /// The records of a batch, byte for byte as they were hashed.
    private func restore(
        _ batch: PBRecordBatch, _ decoder: inout BatchDecoder, _ sidecarID: String
    ) throws -> [RecordIngest.Record] {
        guard batch.encoding != 0 else {
            return batch.records.map { RecordIngest.Record(bytes: [UInt8]($0)) }
        }
        guard batch.encoding == BatchLimits.encoding else {
            throw RPCError(
                code: .failedPrecondition,
                message: "batches of encoding \(batch.encoding) are newer than this collector, which reads encoding "
                    + "\(BatchLimits.encoding): upgrade the collector before its sidecars")
        }
        do {
            return try decoder.decode([UInt8](batch.content), size: Int(batch.size)).map {
                RecordIngest.Record(bytes: $0.bytes, hash: $0.hash)
            }
        } catch {
            metrics.unrestoredBatch()
            logger.error(
                "a batch cannot be restored; the sidecar is told to send its records as they are",
                metadata: ["sidecar": "\(sidecarID)", "reason": "\(error)"])
            // The status that the sidecar knows this by.
            throw RPCError(code: .dataLoss, message: "the batch cannot be restored: \(error)")
        }
    }

    private func take(
        _ records: [RecordIngest.Record], _ number: UInt64, _ sidecarID: String, flow: UplinkFlow
    ) async throws {
        flow.submitted()
        await queue.submit(RecordIngest.Batch(sidecarID: sidecarID, records: records)) { result in
            flow.completed(batch: number, result)
        }
    }

    /// A sidecar with no session open, an empty spool and nothing on the way has said all it has to say.
    private func note(_ heartbeat: PBHeartbeat, _ sidecarID: String, flow: UplinkFlow) async throws {
        let now = store.clock()
        let isSettled = heartbeat.openSessions == 0 && heartbeat.spoolBytes == 0 && flow.isIdle
        let unclosed =
            isSettled ? try await store.read { try SidecarRows.hasUnclosed($0, sidecarID: sidecarID) } : false
        let marked = try await store.write { db in
            try SidecarRows.heartbeat(db, heartbeat, sidecarID: sidecarID, now: now)
            return unclosed
                ? try FindingRows.noteMissingCloses(db, sidecarID: sidecarID, now: now.microseconds) : 0
        }
        guard marked > 0 else { return }
        metrics.found(.missingClose, count: marked)
        changes.notify()
        logger.warning(
            "sessions were left without a close", metadata: ["sidecar": "\(sidecarID)", "count": "\(marked)"])
    }
}

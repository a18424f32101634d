import FoundationEssentials
import GRPCCore
import Records
import Synchronization
import UplinkProtocol

// One connection, from the hello to its end.
extension Uplink {
    func connect() async throws {
        // One wake-up that nobody took yet stands for all.
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        var hello = configuration.hello
        hello.policyDigest = Data(condition.policyDigest)
        hello.policy = condition.policyName
        let start = spool.start
        state.withLock { state in
            state.machine.connected(hello, from: start)
            state.wake = wake
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await self.transport.call { writer in
                    try await self.send(writer, wakes, wake)
                } receive: { messages in
                    for try await message in messages { try self.handle(message) }
                }
            }
            group.addTask {
                try await Task.sleep(for: self.configuration.welcomeTimeout)
                guard self.isConnected else {
                    throw UplinkError("no welcome within \(self.configuration.welcomeTimeout)")
                }
                for await _ in AsyncStream(Void.self, { _ in }) {}
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Writes until there is nothing left to say at the end, or the connection breaks.
    private func send(
        _ writer: RPCWriter<PBFromSidecar>, _ wakes: AsyncStream<Void>, _ wake: AsyncStream<Void>.Continuation
    ) async throws {
        var wakes = wakes.makeAsyncIterator()
        // One a connection: what it leaves out, the other side has from the same connection.
        var encoder: BatchEncoder?
        var hasChosen = false
        while true {
            while let message = state.withLock({ $0.machine.nextControl() }) { try await writer.write(message) }
            var isAtEnd = false
            if let cursor = state.withLock({ $0.machine.wantsRecords ? $0.machine.cursor : nil }) {
                if !hasChosen {
                    // Records are wanted: the collector has said what it can restore.
                    hasChosen = true
                    let packs = state.withLock { $0.machine.takesPacked && !$0.sendsWhole }
                    encoder = packs ? try? BatchEncoder() : nil
                }
                let batch = try spool.read(
                    from: cursor, maximumRecords: configuration.batchRecords, maximumBytes: configuration.batchBytes)
                let packed = pack(batch, &encoder)
                if let message = state.withLock({ $0.machine.send(batch, packed: packed) }) {
                    metrics.uplinkBatches.add()
                    metrics.uplinkBytes.add(UInt64(packed?.content.count ?? batch.byteCount))
                    try await writer.write(message)
                    if !batch.isFull { await gather(behind: batch.next) }
                    continue
                }
                isAtEnd = spool.wait(after: batch.next) { wake.yield() }
                if !isAtEnd { continue }
            }
            if isAtEnd, state.withLock({ $0.isDraining && $0.machine.isSettled }) { return }
            // Ends with the connection: the task is cancelled.
            guard await wakes.next() != nil else { return }
        }
    }

    /// Packs a batch, unless the connection sends records as they are.
    private func pack(_ batch: SpoolBatch, _ encoder: inout BatchEncoder?) -> BatchEncoder.Batch? {
        guard !batch.ranges.isEmpty, encoder != nil else { return nil }
        do {
            return try encoder?.encode(batch.content, batch.ranges)
        } catch {
            logger.error("a batch cannot be packed; records go as they are", metadata: ["reason": "\(error)"])
            encoder = nil
            return nil
        }
    }

    /// Lets records gather: until there is a batch of them, the interval is over, or somebody waits.
    private func gather(behind position: SpoolPosition) async {
        let pause = Task<Void, Never> { [interval = configuration.batchInterval] in
            try? await Task.sleep(for: interval)
        }
        let isAwaited = state.withLock { state in
            state.gathering = pause
            return state.isDraining || state.machine.hasControl
        }
        if isAwaited || !spool.wait(after: position, for: configuration.batchBytes, { pause.cancel() }) {
            pause.cancel()
        }
        await withTaskCancellationHandler {
            await pause.value
        } onCancel: {
            pause.cancel()
        }
        state.withLock { $0.gathering = nil }
    }
}

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
            state.hasGathered = true
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
            // Records go with whatever else goes: somebody may wait for what they tell.
            var isDue = false
            while let message = state.withLock({ $0.machine.nextControl() }) {
                try await writer.write(message)
                isDue = true
            }
            var isAtEnd = false
            if let cursor = nextCursor(isDue) {
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
                    if batch.isFull { continue }
                }
                isAtEnd = gather(behind: batch.next, wake)
            }
            if isAtEnd, state.withLock({ $0.isDraining && $0.machine.isSettled }) { return }
            // Ends with the connection: the task is cancelled.
            guard await wakes.next() != nil else { return }
        }
    }

    /// Where to read on; `nil` while the window is full, and while records gather.
    private func nextCursor(_ isDue: Bool) -> SpoolPosition? {
        state.withLock { state in
            guard state.machine.wantsRecords, isDue || state.hasGathered || state.isDraining else { return nil }
            return state.machine.cursor
        }
    }

    /// Lets records gather until the spool's next commit.
    ///
    /// - Returns: Whether there are none yet.
    private func gather(behind position: SpoolPosition, _ wake: AsyncStream<Void>.Continuation) -> Bool {
        state.withLock { $0.hasGathered = false }
        return spool.wait(after: position) { [weak self] in
            self?.state.withLock { $0.hasGathered = true }
            wake.yield()
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
}

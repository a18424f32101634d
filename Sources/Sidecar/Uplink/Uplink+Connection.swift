import FoundationEssentials
import GRPCCore
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
        while true {
            while let message = state.withLock({ $0.machine.nextControl() }) { try await writer.write(message) }
            var isAtEnd = false
            if let cursor = state.withLock({ $0.machine.wantsRecords ? $0.machine.cursor : nil }) {
                let batch = try spool.read(
                    from: cursor, maximumRecords: configuration.batchRecords, maximumBytes: configuration.batchBytes)
                if let message = state.withLock({ $0.machine.send(batch) }) {
                    try await writer.write(message)
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
}

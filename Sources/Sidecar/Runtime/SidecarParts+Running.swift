import Logging
import NIOCore
import NIOPosix

extension SidecarParts {
    /// Looks at the policy's files, the credentials and the tokens until the task is cancelled.
    func watch() async {
        let interval = Duration.milliseconds(environment.configuration.watchMilliseconds)
        while !Task.isCancelled {
            do { try await Task.sleep(for: interval) } catch { return }
            await policy.tick()
            environment.oauth.tick()
            await tokens.tick(current.runtimes)
            noteSpool()
        }
    }

    /// Forces what was appended to the disk, at every interval.
    func commitSpool() async {
        let budgets = environment.budgets
        let threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        threads.submit { _ in BackgroundThread.begin(named: "stile-commit") }
        do {
            try await spool.commitRegularly(on: threads) {
                budgets.commit(now: SystemClock.unixSeconds())
            }
        } catch is CancellationError {
        } catch {
            environment.logger.critical("the spool's disk fails", metadata: ["reason": "\(error)"])
            noteSpool()
        }
        try? await threads.shutdownGracefully()
    }

    private func noteSpool() {
        let statistics = spool.statistics
        environment.metrics.spoolBytes.set(Int64(statistics.bytes))
        if let uplink {
            // A collector that is away is no fault of the data path's while there is room.
            let isConnected = uplink.uplink.isConnected
            readiness.set(
                "collector",
                Readiness.Part(
                    isReady: isConnected || !statistics.isFull,
                    detail: isConnected ? "connected" : "not connected; records wait in the spool"))
        }
        let detail = "\(statistics.records) records wait, \(statistics.bytes) of \(statistics.maximumBytes) bytes"
        let isReady: Bool
        if let failure = statistics.failure {
            isReady = false
            readiness.set("spool", Readiness.Part(isReady: false, detail: failure.message))
        } else {
            isReady = !statistics.isFull
            readiness.set("spool", Readiness.Part(isReady: isReady, detail: detail))
        }
    }

    /// Accepts nobody, lets statements end, and closes what is left at the deadline.
    func drain() async {
        let logger = environment.logger
        let registry = environment.registry
        logger.notice("draining", metadata: ["sessions": "\(registry.count)"])
        readiness.set("lifecycle", Readiness.Part(isReady: false, detail: "the sidecar stops"))
        journal.happened("stopping", "\(registry.count) sessions are open")
        await listeners.close()
        registry.drain()
        let deadline = Duration.seconds(environment.configuration.drainSeconds)
        if await isEmpty(within: deadline) { return }
        logger.warning("sessions were cut off at the drain's deadline", metadata: ["sessions": "\(registry.count)"])
        for entry in registry.entries() { entry.handle.close() }
        _ = await isEmpty(within: .seconds(2))
    }

    private func isEmpty(within limit: Duration) async -> Bool {
        let registry = environment.registry
        return await withTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                await registry.untilEmpty()
                return true
            }
            tasks.addTask {
                try? await Task.sleep(for: limit)
                // Gives the other task its end: a continuation must be resumed.
                registry.stopWaiting()
                return registry.count == 0
            }
            let first = await tasks.next() ?? false
            tasks.cancelAll()
            return first && registry.count == 0
        }
    }

    /// Cuts off whoever is left: nobody after a drain, everybody without one.
    func endSessions() async {
        await listeners.close()
        for entry in environment.registry.entries() { entry.handle.close() }
        _ = await isEmpty(within: .seconds(1))
    }

    /// Closes everything. No session is open.
    func shutDown() async {
        await environment.catalogs.closeAll()
        try? await operations?.channel.close()
        do {
            try spool.close()
        } catch {
            environment.logger.error("the spool could not be closed", metadata: ["reason": "\(error)"])
        }
        environment.budgets.close(now: SystemClock.unixSeconds())
        await fetcher.shutDown()
        await environment.oauth.shutDown()
        await uplink?.close()
        await environment.egress.shutDown()
        await reactors.shutDown()
        try? await threads.shutdownGracefully()
        try? await group.shutdownGracefully()
    }
}

import GRPCCore
import Logging
import ServiceLifecycle
import Synchronization

extension Uplink: Service {
    private enum Part { case clock, connection, deadline }

    /// Keeps a connection until the group shuts down; then sends what the spool still holds, if the collector is there,
    /// for as long as the configuration allows. What is left stays in the spool. Add it before what makes records:
    /// services end in the reverse of their order.
    package func run() async throws {
        await withTaskExecutorPreference(executor) {
            await withTaskGroup(of: Part.self) { group in
                group.addTask {
                    await self.keepTime()
                    return .clock
                }
                group.addTask {
                    await self.keepConnected()
                    return .connection
                }
                group.addTask {
                    await self.drainWhenAsked()
                    return .deadline
                }
                _ = await group.first { $0 != .clock }
                group.cancelAll()
            }
        }
        metrics.collectorConnected.set(0)
    }

    private func keepTime() async {
        var sinceBeat = Duration.zero
        let tick = min(configuration.heartbeatInterval, .seconds(1))
        while !Task.isCancelled {
            try? await Task.sleep(for: tick)
            expireApprovals()
            sinceBeat += tick
            if sinceBeat >= configuration.heartbeatInterval {
                sinceBeat = .zero
                beat()
            }
        }
    }

    private func drainWhenAsked() async {
        do { try await gracefulShutdown() } catch { return }
        state.withLock { state in
            state.isDraining = true
            state.wake?.yield()
            state.pause?.cancel()
        }
        try? await Task.sleep(for: configuration.drainTimeout)
    }

    private func keepConnected() async {
        var pauses = ReconnectPause(shortest: configuration.shortestPause, longest: configuration.longestPause)
        var generator = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            var reason = "the collector ended the call"
            var wasNotRestored = false
            do { try await connect() } catch {
                reason = "\(error)"
                wasNotRestored = (error as? RPCError)?.code == .dataLoss
            }
            let (wasOnline, isDraining) = state.withLock { state in
                let wasOnline = state.machine.phase == .online
                state.machine.disconnected()
                state.wake = nil
                state.sendsWhole = wasNotRestored
                return (wasOnline, state.isDraining)
            }
            metrics.collectorConnected.set(0)
            if isDraining || Task.isCancelled { return }
            if wasOnline { pauses.reset() }
            let pause = pauses.take(using: &generator)
            logger.warning(
                "no connection to the collector; records wait in the spool",
                metadata: ["at": "\(transport.target)", "reason": "\(reason)", "again_in": "\(pause)"])
            await wait(pause)
        }
    }

    /// Waits, unless the end comes first.
    private func wait(_ duration: Duration) async {
        let pause = Task<Void, Never> { try? await Task.sleep(for: duration) }
        let isDraining = state.withLock { state in
            state.pause = pause
            return state.isDraining
        }
        if isDraining { pause.cancel() }
        await withTaskCancellationHandler {
            await pause.value
        } onCancel: {
            pause.cancel()
        }
    }
}

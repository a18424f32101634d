public import Logging
import NIOCore
import NIOPosix
import Records
public import ServiceLifecycle

/// A sidecar: listens where the policy says, and runs the sessions. Made ready by its initializer, run by ``run()``,
/// drained when its service group shuts down gracefully.
///
/// A process may embed it: every address can be asked for as port 0 and read from ``addresses``.
public final class Sidecar: Service {
    let parts: SidecarParts

    /// Reads the policy, opens the spool and listens: when it returns, agents can connect.
    ///
    /// - Throws: ``SidecarError`` in one line that names the place and the mend; nothing is left open.
    public init(configuration: SidecarConfiguration, logger: Logger) async throws(SidecarError) {
        parts = try await SidecarParts.make(configuration: configuration, logger: logger)
    }

    /// Where each resource is found, by its name: `127.0.0.1:5432`, `unix:/path`.
    public var addresses: [String: String] {
        get async { await parts.listeners.bound.mapValues(\.description) }
    }

    /// Where health, readiness and metrics are served, `host:port`; `nil` when they are not.
    public var operationsAddress: String? {
        parts.operations?.channel.localAddress.flatMap { address in
            guard let host = address.ipAddress, let port = address.port else { return nil }
            return Endpoint.tcp(host: host, port: port).description
        }
    }

    /// What `/readyz` says.
    public var isReady: Bool { parts.readiness.isReady }

    /// Part by part, as JSON.
    public var readinessDetail: String { String(decoding: parts.readiness.json, as: UTF8.self) }

    /// Runs until the service group shuts down gracefully (then drains) or the task is cancelled (then ends at once).
    public func run() async throws {
        let parts = parts
        let uplink = parts.uplink?.start()
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await parts.watch() }
            tasks.addTask { await parts.commitSpool() }
            tasks.addTask {
                // By then the collector is connected, or is known to be away.
                var pause = Duration.seconds(2)
                while (try? await Task.sleep(for: pause)) != nil {
                    if parts.environment.registry.count == 0 { ProgramPages.release() }
                    pause = .seconds(60)
                }
            }
            tasks.addTask {
                await parts.environment.catalogs.poll { parts.current.runtime($0) }
            }
            if (try? await gracefulShutdown()) != nil {
                await parts.drain()
            }
            tasks.cancelAll()
        }
        await parts.endSessions()
        await parts.uplink?.stop()
        await uplink?.value
        await parts.shutDown()
    }

    /// Closes everything of a sidecar that is not to be run after all.
    public func close() async {
        await parts.endSessions()
        await parts.shutDown()
    }
}

public import Logging
import ServiceLifecycle
import UnixSignals

/// Runs a sidecar as a process of its own: SIGTERM and SIGINT drain it, and a drain that takes too long is cut off.
public func runUntilSignalled(_ sidecar: Sidecar, logger: Logger) async throws(SidecarError) {
    let configuration = ServiceGroupConfiguration(
        services: [.init(service: sidecar, successTerminationBehavior: .gracefullyShutdownGroup)],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    do {
        try await ServiceGroup(configuration: configuration).run()
    } catch {
        throw SidecarError(.software, "the sidecar ended: \(error)")
    }
}

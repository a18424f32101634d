import Logging
import NIOPosix

/// The sidecar's one connection to its collector, as the rest of the sidecar sees it.
struct CollectorLink: Sendable {
    let approvals: any ApprovalDesk
    private let body: @Sendable () async -> Void

    /// - Returns: `nil` when no collector is configured.
    /// - Throws: ``SidecarError`` for certificates and keys that cannot be used.
    static func make(
        configuration: SidecarConfiguration, spool: Spool, condition: CurrentPolicy, revocations: RevocationList,
        metrics: SidecarMetrics, readiness: Readiness, group: MultiThreadedEventLoopGroup, logger: Logger
    ) throws(SidecarError) -> CollectorLink? {
        return nil
    }

    func run() async { await body() }
}

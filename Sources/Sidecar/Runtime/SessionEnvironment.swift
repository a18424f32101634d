import Enforcement
import Logging
import NIOCore
import NIOPosix
import Policy
import Records

/// What every session of a process shares.
struct SessionEnvironment: Sendable {
    let configuration: SidecarConfiguration
    let metrics: SidecarMetrics
    let logger: Logger
    let registry: SessionRegistry
    let identity: IdentityService
    let revocations: RevocationList
    let catalogs: CatalogService
    let records: any RecordSink
    let approvals: any ApprovalDesk
    let grants: GrantStore
    let budgets: BudgetStore
    let mcp: MCPServices
    let reader: StatementReader
    /// For what takes milliseconds: statements that need a deep stack, key derivations.
    let threads: NIOThreadPool
    let scramKeys: SCRAMKeyCache
    let egress: EgressServices
    let oauth: OAuthTokens
    /// For sessions with TLS.
    let group: any EventLoopGroup

    func logger(of resource: Resource, _ sessionID: RecordID) -> Logger {
        var logger = logger
        logger[metadataKey: "resource"] = "\(resource.name)"
        logger[metadataKey: "session"] = "\(sessionID)"
        return logger
    }

    var agent: AgentDescription {
        AgentDescription(
            namespace: configuration.agent.namespace, workload: configuration.agent.workload,
            pod: configuration.agent.pod, sidecarID: configuration.sidecarID)
    }
}

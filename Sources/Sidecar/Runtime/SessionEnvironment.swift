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
    /// What is in force now.
    let current: CurrentPolicy
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

    /// The policy that came into force between a session's making and its entry into the registry, where changes are told; `nil`: none did.
    func policy(since runtime: ResourceRuntime) -> (any SessionPolicy)? {
        guard let now = current.runtime(runtime.resource.name) else { return current.withoutResource }
        return now === runtime ? nil : now.policy
    }

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

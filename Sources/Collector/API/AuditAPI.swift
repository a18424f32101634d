import Hummingbird
import Logging

/// The audit API: what auditors, approvers and administrators see and do.
struct AuditAPI: Sendable {
    let collectorID: String
    let store: Store
    let approvals: Approvals
    let sidecars: SidecarRegistry
    let changes: ChangeSignal
    let metrics: Metrics
    let authenticator: any Authenticator
    let logger: Logger

    func router() -> Router<AuditContext> {
        let router = Router(context: AuditContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware(metrics: metrics))
        addHealth(to: router)
        addOpenAPI(to: router)
        let v1 = router.group("v1").add(middleware: AuthenticationMiddleware(authenticator: authenticator))
        addSessions(to: v1)
        addRecords(to: v1)
        addApprovals(to: v1)
        addRevocations(to: v1)
        addEvents(to: v1)
        return router
    }
}

typealias AuditRoutes = RouterGroup<AuditContext>

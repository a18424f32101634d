import Enforcement
import NIOCore
import NIOSSL
import Policy

/// One resource of the policy in force, with everything that sessions to it need. Immutable: a change of the policy
/// makes another, which later sessions get.
final class ResourceRuntime: Sendable {
    let resource: Resource
    let policy: any SessionPolicy
    let connector: UpstreamConnector
    let credentials: CredentialFiles
    let listenTLS: NIOSSLContext?
    let scramKeys: SCRAMKeyCache
    let metrics: SidecarMetrics
    /// Of a forward proxy.
    let egress: EgressRuntime?
    /// How long connecting may take, and logging in after it.
    let loginSeconds: Int64

    /// - Throws: ``SidecarError`` for an address, a certificate or a CA file that cannot be used.
    init(
        resource: Resource, policy: any SessionPolicy, configuration: SidecarConfiguration,
        scramKeys: SCRAMKeyCache, metrics: SidecarMetrics, egress: EgressServices = EgressServices()
    ) throws {
        self.resource = resource
        self.policy = policy
        self.scramKeys = scramKeys
        self.metrics = metrics
        loginSeconds = configuration.connectSeconds
        connector = try UpstreamConnector(resource: resource, timeout: .seconds(loginSeconds))
        credentials = CredentialFiles(resource: resource)
        listenTLS = try ListenTLS.context(for: resource)
        self.egress =
            resource.protocolName == .egress
            ? try EgressRuntime(resource: resource, services: egress, timeout: .seconds(loginSeconds)) : nil
    }

    /// Whether it is reached over a program's standard streams, and not over a connection.
    var isOfStreams: Bool { resource.isOfStreams }

    /// Whether neither a client nor the upstream can speak TLS here.
    var isPlain: Bool { listenTLS == nil && egress == nil && connector.isPlain }
}

extension Resource {
    /// Whether it is reached over a program's standard streams.
    var isOfStreams: Bool { protocolName == .mcp && upstream.isEmpty }
}

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
    /// Of a resource whose token is fetched.
    let tokens: OAuthTokenSource?
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
        scramKeys: SCRAMKeyCache, metrics: SidecarMetrics, egress: EgressServices = EgressServices(),
        oauth: OAuthTokens? = nil
    ) throws {
        self.resource = resource
        self.policy = policy
        self.scramKeys = scramKeys
        self.metrics = metrics
        loginSeconds = configuration.connectSeconds
        connector = try UpstreamConnector(resource: resource, timeout: .seconds(loginSeconds))
        credentials = CredentialFiles(resource: resource)
        tokens = resource.oauth.flatMap { oauth?.source(for: $0) }
        listenTLS = try ListenTLS.context(for: resource)
        self.egress =
            resource.protocolName == .egress
            ? try EgressRuntime(resource: resource, services: egress, timeout: .seconds(loginSeconds)) : nil
    }

    /// Reads what the resource's credentials are made of.
    ///
    /// - Throws: where a file is missing, or holds what cannot be sent or shown.
    func checkCredentials() throws(SidecarError) {
        try credentials.check()
        try connector.checkCertificate()
    }

    /// What a request over HTTP is sent with, now.
    ///
    /// - Throws: as ``checkCredentials()`` does.
    func credential() throws(SidecarError) -> HTTPCredentialLookup {
        try connector.checkCertificate()
        guard resource.oauth != nil else { return .found(try credentials.currentField()) }
        guard let tokens else {
            throw SidecarError(.software, "resource '\(resource.name)': nobody fetches its token.")
        }
        return tokens.lookUp()
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

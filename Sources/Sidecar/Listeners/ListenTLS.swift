import NIOSSL
import Policy

/// The certificate that a resource's listener shows to a client that asks for TLS.
enum ListenTLS {
    /// - Returns: `nil` when the resource offers none, and `N` is the answer to SSLRequest.
    static func context(for resource: Resource) throws(SidecarError) -> NIOSSLContext? {
        guard let certificateFile = resource.listenCertificateFile, let keyFile = resource.listenKeyFile else {
            return nil
        }
        let what = "resource '\(resource.name)'"
        let certificates = try readCertificates(certificateFile, what: "the listen certificate of \(what)")
        let key = try readPrivateKey(keyFile, what: "the listen key of \(what)")
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        // Direct TLS of PostgreSQL 17 clients names this protocol (protocol 55.2.11).
        // A forward proxy and an MCP server are spoken to in HTTP/1.1.
        switch resource.protocolName {
        case .postgres: configuration.applicationProtocols = ["postgresql"]
        case .http: configuration.applicationProtocols = ["h2", "http/1.1"]
        case .egress, .mcp: configuration.applicationProtocols = ["http/1.1"]
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw SidecarError(
                .config, "\(what): the listen certificate and key do not make a TLS server: \(error).")
        }
    }
}

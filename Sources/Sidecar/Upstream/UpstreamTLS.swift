import NIOCore
import NIOSSL
import Policy

/// The TLS context of one resource's upstream, made anew when its CA file changes.
struct UpstreamTLS: Sendable {
    let mode: Resource.UpstreamTLS
    private let context: NIOSSLContext?
    /// What the upstream is shown; its contexts take the other's place.
    private let certificate: ClientCertificate?
    private let serverName: String?

    /// - Throws: ``SidecarError`` when the CA file cannot be used.
    init(resource: Resource, upstreamHost: String) throws {
        mode = resource.tls
        guard mode != .disable else {
            context = nil
            certificate = nil
            serverName = nil
            return
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        // The one that costs less first; most servers choose by their own list.
        if resource.protocolName == .http { configuration.applicationProtocols = ["http/1.1", "h2"] }
        switch mode {
        case .disable, .require: configuration.certificateVerification = .none
        case .verifyCA: configuration.certificateVerification = .noHostnameVerification
        case .verifyFull: configuration.certificateVerification = .fullVerification
        }
        if let caFile = resource.caFile {
            configuration.trustRoots = .certificates(
                try readCertificates(caFile, what: "the CA of resource '\(resource.name)' (caFile)"))
        }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw SidecarError(
                .config, "resource '\(resource.name)': TLS to the upstream cannot be set up: \(error).")
        }
        certificate = ClientCertificate(resource, configuration)
        // SNI takes no addresses (RFC 6066 §3); they are verified against the certificate's IP names all the same.
        let isAddress = (try? SocketAddress(ipAddress: upstreamHost, port: 0)) != nil
        serverName = isAddress ? nil : upstreamHost
    }

    /// - Throws: where the certificate cannot be shown that the upstream is to be shown.
    func checkCertificate() throws(SidecarError) {
        _ = try certificate?.context()
    }

    /// A handler for one connection; `nil` when the mode is `disable`.
    ///
    /// - Throws: ``SidecarError`` as ``checkCertificate()`` does, or what NIOSSL throws.
    func makeHandler() throws -> NIOSSLClientHandler? {
        guard let context = try certificate?.context() ?? context else { return nil }
        return try NIOSSLClientHandler(context: context, serverHostname: serverName)
    }
}

/// Reads a PEM bundle of certificates.
func readCertificates(_ path: String, what: String) throws(SidecarError) -> [NIOSSLCertificate] {
    let bytes = try readFile(path, what: what, maximumBytes: 4 << 20)
    do {
        let certificates = try NIOSSLCertificate.fromPEMBytes(bytes)
        guard !certificates.isEmpty else {
            throw SidecarError(.config, "\(path): holds no PEM certificate; it should hold \(what).")
        }
        return certificates
    } catch let error as SidecarError {
        throw error
    } catch {
        throw SidecarError(.config, "\(path): holds no PEM certificate that can be read; it should hold \(what).")
    }
}

/// Reads a PEM private key.
func readPrivateKey(_ path: String, what: String) throws(SidecarError) -> NIOSSLPrivateKey {
    let bytes = try readFile(path, what: what, maximumBytes: 1 << 20)
    do {
        return try NIOSSLPrivateKey(bytes: bytes, format: .pem)
    } catch {
        throw SidecarError(.config, "\(path): holds no PEM private key that can be read; it should hold \(what).")
    }
}

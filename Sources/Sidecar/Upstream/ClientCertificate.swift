import NIOSSL
import Policy
import Synchronization

/// The certificate that one resource's upstream is shown, kept until its files change.
final class ClientCertificate: Sendable {
    private struct Made {
        var stamps: [FileStamp?]
        var context: NIOSSLContext
    }

    private let resource: String
    private let certificateFile: String
    private let keyFile: String
    private let configuration: TLSConfiguration
    private let made = Mutex<Made?>(nil)

    /// - Parameter configuration: What else TLS to the upstream is.
    /// - Returns: `nil` for a resource that shows none.
    init?(_ resource: Resource, _ configuration: TLSConfiguration) {
        guard let certificateFile = resource.clientCertificateFile, let keyFile = resource.clientKeyFile else {
            return nil
        }
        self.resource = resource.name
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.configuration = configuration
    }

    /// A context that shows the certificate as the files have it now: two stats when nothing changed.
    ///
    /// - Throws: where a file is missing or holds something else, or the two do not belong together.
    func context() throws(SidecarError) -> NIOSSLContext {
        // The stamps come before the bytes: a file that changes in between is read again next time.
        let stamps = [certificateFile, keyFile].map { FileStamp(path: $0) }
        if let made = made.withLock({ $0 }), made.stamps == stamps, !stamps.contains(nil) { return made.context }
        let chain = try readCertificates(
            certificateFile, what: "the certificate that resource '\(resource)' shows its upstream (certificateFile)")
        let key = try readPrivateKey(
            keyFile, what: "the key of the certificate that resource '\(resource)' shows its upstream (keyFile)")
        var configuration = configuration
        configuration.certificateChain = chain.map { .certificate($0) }
        configuration.privateKey = .privateKey(key)
        let context: NIOSSLContext
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw SidecarError(
                .config,
                "\(keyFile): holds a key that is not that of the first certificate in \(certificateFile), as resource "
                    + "'\(resource)' needs it (keyFile, certificateFile): \(error).")
        }
        made.withLock { $0 = Made(stamps: stamps, context: context) }
        return context
    }
}

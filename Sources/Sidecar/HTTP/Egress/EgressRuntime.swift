import Enforcement
import HTTPInspection
import NIOCore
import NIOPosix
import NIOSSL
import Policy
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How one forward proxy reaches others, and what it shows to its clients.
final class EgressRuntime: Sendable {
    let authority: EgressAuthority
    let services: EgressServices
    let timeout: TimeAmount
    private let context: NIOSSLContext
    private let verified = Mutex<[Verified: NIODeadline]>([:])

    private struct Verified: Hashable {
        var destination: HTTPDestination
        var address: IPAddress
    }

    /// For how long a server that had the host's certificate is taken to have it still.
    private static let verifiedFor = TimeAmount.minutes(5)
    private static let maximumVerified = 1_024

    /// - Throws: ``SidecarError`` for a CA file that cannot be used, and for a trust file that cannot be written.
    init(resource: Resource, services: EgressServices, timeout: TimeAmount) throws {
        self.services = services
        self.timeout = timeout
        authority = try services.authority()
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        // No protocol is named: servers take that for HTTP/1.1, and those of other protocols, which are passed by name, for a client all the same.
        var trusted = authority.certificatePEM + "\n"
        if let caFile = resource.caFile {
            let what = "what resource '\(resource.name)' trusts besides (caFile)"
            configuration.additionalTrustRoots = [.certificates(try readCertificates(caFile, what: what))]
            trusted += String(decoding: try readFile(caFile, what: what, maximumBytes: 4 << 20), as: UTF8.self) + "\n"
        }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw SidecarError(.config, "resource '\(resource.name)': TLS to services cannot be set up: \(error).")
        }
        if let path = resource.trustFile {
            trusted += EgressRuntime.systemRoots()
            let what = "the trust file of resource '\(resource.name)' (trustFile)"
            let store = JavaTrustStore.bytes(of: trusted, at: SystemClock.unixMicroseconds() / 1_000)
            try TrustFile.write(store, to: JavaTrustStore.path(beside: path), what: "\(what) for Java")
            try TrustFile.write(Array(trusted.utf8), to: path, what: what)
        }
    }

    /// A handler for one connection to a host, whose certificate it must show.
    func makeHandler(for host: HTTPHost) throws -> NIOSSLClientHandler {
        // SNI takes no addresses (RFC 6066 §3); they are verified against the certificate's IP names all the same.
        guard case .name(let name) = host else { return try NIOSSLClientHandler(context: context, serverHostname: nil) }
        return try NIOSSLClientHandler(context: context, serverHostname: name)
    }

    func isVerified(_ destination: HTTPDestination, at address: IPAddress) -> Bool {
        let now = NIODeadline.now()
        return verified.withLock { $0[Verified(destination: destination, address: address)].map { $0 > now } ?? false }
    }

    func noteVerified(_ destination: HTTPDestination, at address: IPAddress) {
        let now = NIODeadline.now()
        verified.withLock { verified in
            if verified.count >= EgressRuntime.maximumVerified { verified = verified.filter { $0.value > now } }
            if verified.count >= EgressRuntime.maximumVerified { verified = [:] }
            verified[Verified(destination: destination, address: address)] = now + EgressRuntime.verifiedFor
        }
    }

    /// The system's roots, as one file; empty where there is none.
    private static func systemRoots() -> String {
        // As BoringSSL's users look for them on Debian, Fedora, SUSE and Alpine.
        let places = [
            "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
            "/etc/ssl/cert.pem",
        ]
        for place in places {
            if let bytes = try? readFile(place, what: "the system's certificates", maximumBytes: 4 << 20) {
                return String(decoding: bytes, as: UTF8.self)
            }
        }
        return ""
    }
}

/// A file that others read while it is written anew: it is never seen half.
enum TrustFile {
    static func write(_ bytes: [UInt8], to path: String, what: String) throws(SidecarError) {
        let fault = SidecarError(.io, "\(path): cannot be written; it should hold \(what). Is its folder there?")
        let draft = path + ".new"
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw fault }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written)
            }
            guard count > 0 else { break }
            written += count
        }
        close(descriptor)
        guard written == bytes.count, unsafe rename(draft, path) == 0 else {
            unsafe unlink(draft)
            throw fault
        }
    }
}

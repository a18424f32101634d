public import Identity

/// What a collector needs to know to run.
public struct CollectorConfiguration: Sendable {
    /// PEM files of a server.
    public struct Certificate: Sendable, Hashable {
        /// The chain, the leaf first.
        public var certificate: String
        public var key: String

        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// Where sidecars connect, with mutual TLS.
    public var uplink: ListenAddress
    /// The certificate that sidecars see.
    public var uplinkCertificate: Certificate
    /// The authority (PEM) that issued the sidecars' certificates; nobody else's is accepted.
    public var sidecarAuthority: String
    /// Where the audit API listens.
    public var api: ListenAddress
    /// The certificate of the audit API; plain HTTP without one.
    public var apiCertificate: Certificate?
    /// Serves the API without TLS to other machines too. Only for a network that encrypts by itself.
    public var allowsPlainAPI: Bool
    /// Where the store is.
    public var dataDirectory: String
    /// Whose tokens the API accepts.
    public var issuers: [IssuerConfiguration]
    public var roles: RoleMap
    /// How long running requests may take to end, in seconds, once the collector is told to stop.
    public var drainSeconds: Int

    public init(
        uplink: ListenAddress, uplinkCertificate: Certificate, sidecarAuthority: String, api: ListenAddress,
        apiCertificate: Certificate? = nil, allowsPlainAPI: Bool = false, dataDirectory: String,
        issuers: [IssuerConfiguration], roles: RoleMap, drainSeconds: Int = 10
    ) {
        self.uplink = uplink
        self.uplinkCertificate = uplinkCertificate
        self.sidecarAuthority = sidecarAuthority
        self.api = api
        self.apiCertificate = apiCertificate
        self.allowsPlainAPI = allowsPlainAPI
        self.dataDirectory = dataDirectory
        self.issuers = issuers
        self.roles = roles
        self.drainSeconds = drainSeconds
    }

    /// Reads every file that is named and says what is wrong, before anything listens.
    func check() throws(CollectorError) {
        try CertificateFiles.check(
            certificate: uplinkCertificate.certificate, key: uplinkCertificate.key, what: "uplink certificate")
        _ = try CertificateFiles.certificates(sidecarAuthority, what: "sidecar authority")
        if let apiCertificate {
            try CertificateFiles.check(
                certificate: apiCertificate.certificate, key: apiCertificate.key, what: "API certificate")
        } else if !api.isLoopback, !allowsPlainAPI {
            throw CollectorError(
                .configuration,
                "the API would be served without TLS on \(api), which other machines reach: give it a certificate and "
                    + "key, listen on 127.0.0.1, or say that plain HTTP is meant")
        }
        guard !issuers.isEmpty else {
            throw CollectorError(.configuration, "no issuer is named, so nobody could use the API")
        }
        for issuer in issuers {
            if let file = issuer.jwksFile { _ = try CertificateFiles.read(file, what: "JWK set of \(issuer.url)") }
            if let file = issuer.caFile { _ = try CertificateFiles.read(file, what: "authority of \(issuer.url)") }
        }
    }
}

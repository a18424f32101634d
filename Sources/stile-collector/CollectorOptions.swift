import ArgumentParser
import Collector

/// The options of the collector. What is not given is looked for in the environment, then defaulted.
struct CollectorOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where sidecars connect (127.0.0.1:7443).", valueName: "host:port"))
    var grpc: String?

    @Option(help: ArgumentHelp("Where the audit API is served (127.0.0.1:7480).", valueName: "host:port"))
    var http: String?

    @Option(help: ArgumentHelp("Where the store is.", valueName: "directory"))
    var data: String?

    @Option(help: ArgumentHelp("The certificate that sidecars see, PEM.", valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("Its private key, PEM.", valueName: "file"))
    var key: String?

    @Option(help: ArgumentHelp("The authority that issued the sidecars' certificates, PEM.", valueName: "file"))
    var ca: String?

    @Option(help: ArgumentHelp("The API's certificate, PEM; plain HTTP without.", valueName: "file"))
    var httpCertificate: String?

    @Option(help: ArgumentHelp("Its private key, PEM.", valueName: "file"))
    var httpKey: String?

    @Flag(help: "Serve the API without TLS to other machines too.")
    var plainHTTP = false

    @Option(
        help: ArgumentHelp(
            "An issuer of the tokens of people: URL,AUDIENCE and optionally ,groups=CLAIM ,jwks=FILE ,ca=FILE ,skew=SECONDS. Repeats.",
            valueName: "url,audience"))
    var issuer: [String] = []

    @Option(
        help: ArgumentHelp(
            "The JWK set of an issuer in a file, in the order of the issuers. Repeats.", valueName: "file"))
    var issuerJwks: [String] = []

    @Option(
        help: ArgumentHelp(
            "Gives the members of a group a role: auditor, approver or admin. Repeats.", valueName: "role=group"))
    var role: [String] = []

    @Option(help: ArgumentHelp("How long running requests may take to end (10).", valueName: "seconds"))
    var drain: Int?

    /// - Throws: ``CollectorError`` for what is missing or makes no sense.
    func configuration(environment: [String: String]) throws(CollectorError) -> CollectorConfiguration {
        func value(_ given: String?, _ name: String) -> String? {
            given ?? environment["STILE_COLLECTOR_" + name]
        }
        let missing = [
            (certificate, "CERTIFICATE", "--certificate"), (key, "KEY", "--key"), (ca, "CA", "--ca"),
        ].filter { value($0.0, $0.1)?.isEmpty ?? true }
        guard missing.isEmpty else {
            throw CollectorError(
                .configuration,
                "sidecars connect with TLS, on this machine too: missing "
                    + missing.map { "\($0.2) (or STILE_COLLECTOR_\($0.1))" }.joined(separator: ", ")
                    + "; make them with `stile certs init DIR` and `stile certs issue DIR --name collector --server`")
        }
        func required(_ given: String?, _ name: String) -> String { value(given, name) ?? "" }
        func list(_ given: [String], _ name: String) -> [String] {
            given.isEmpty
                ? (environment["STILE_COLLECTOR_" + name] ?? "").split(separator: " ").map(String.init) : given
        }
        func address(_ given: String?, _ name: String, _ flag: String, _ standard: String) throws(CollectorError)
            -> ListenAddress
        {
            let text = value(given, name) ?? standard
            guard let address = ListenAddress(text) else {
                throw CollectorError(
                    .configuration, "\(flag) \"\(text)\" is not of the form HOST:PORT, such as \(standard)")
            }
            return address
        }
        let certificate = CollectorConfiguration.Certificate(
            certificate: required(certificate, "CERTIFICATE"), key: required(key, "KEY"))
        let authority = required(ca, "CA")
        var apiCertificate: CollectorConfiguration.Certificate?
        switch (value(httpCertificate, "HTTP_CERTIFICATE"), value(httpKey, "HTTP_KEY")) {
        case (let chain?, let key?): apiCertificate = .init(certificate: chain, key: key)
        case (nil, nil): break
        default: throw CollectorError(.configuration, "--http-certificate and --http-key go together")
        }
        let issuers = try CollectorConfiguration.issuers(
            parsing: list(issuer, "ISSUER"), jwksFiles: list(issuerJwks, "ISSUER_JWKS"))
        var roles = RoleMap()
        for text in list(role, "ROLE") { try roles.grant(parsing: text) }
        let drainText = value(drain.map(String.init), "DRAIN") ?? "10"
        guard let drain = Int(drainText), (0...3600).contains(drain) else {
            throw CollectorError(.configuration, "--drain \"\(drainText)\" is not between 0 and 3600 seconds")
        }
        return CollectorConfiguration(
            uplink: try address(grpc, "GRPC", "--grpc", "127.0.0.1:7443"), uplinkCertificate: certificate,
            sidecarAuthority: authority, api: try address(http, "HTTP", "--http", "127.0.0.1:7480"),
            apiCertificate: apiCertificate,
            allowsPlainAPI: plainHTTP || environment["STILE_COLLECTOR_PLAIN_HTTP"] == "true",
            dataDirectory: value(data, "DATA") ?? "/var/lib/stile-collector", issuers: issuers, roles: roles,
            drainSeconds: drain)
    }
}

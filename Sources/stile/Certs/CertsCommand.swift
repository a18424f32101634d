import ArgumentParser
import Collector
import Foundation
import X509

/// Certificates for demonstrations, laptops and tests.
struct CertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certs",
        abstract: "Make a small certificate authority, and certificates for collectors and sidecars.",
        discussion: """
            The uplink between sidecar and collector is authenticated both ways by certificates. In production they come \
            from the platform's own authority; this one is for where there is none.
            """,
        subcommands: [CertsInitCommand.self, CertsIssueCommand.self, CertsShowCommand.self]
    )
}

struct CertsInitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make an authority: DIR/ca.pem and DIR/ca-key.pem (0600).")

    @Argument(help: ArgumentHelp("Where it goes; made if it is not there.", valueName: "dir"))
    var directory: String

    @Option(help: "The authority's name.")
    var name = "Stile demo authority"

    @Option(help: "How many days it is good for.")
    var days = 365

    func run() async throws {
        try Fault.reporting {
            guard (1...7300).contains(days) else {
                throw CollectorError(.configuration, "--days \(days) is not between 1 and 7300")
            }
            do {
                try FileManager.default.createDirectory(
                    atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw CollectorError(.permission, "\(directory) cannot be made", cause: error)
            }
            let authority = try CertificateAuthority(name: name, days: days)
            // The key first: if it is there already, nothing is changed.
            try CertificateFiles.write(authority.keyPEM, to: directory + "/ca-key.pem", secret: true)
            try CertificateFiles.write(try authority.certificatePEM, to: directory + "/ca.pem", secret: false)
            print("authority    \(directory)/ca.pem\nprivate key  \(directory)/ca-key.pem")
        }
    }
}

struct CertsIssueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Issue a certificate: DIR/NAME.pem and DIR/NAME-key.pem (0600).",
        discussion: "Without --server it is a sidecar's, and the name is the sidecar's id.")

    @Argument(help: ArgumentHelp("Where `stile certs init` made the authority.", valueName: "dir"))
    var directory: String

    @Option(help: "The common name, and the names of the files.")
    var name: String

    @Flag(help: "For a server that clients connect to, such as the collector.")
    var server = false

    @Option(help: ArgumentHelp("A host name of the server. Repeats.", valueName: "host"))
    var dns: [String] = []

    @Option(help: ArgumentHelp("An address of the server. Repeats.", valueName: "address"))
    var ip: [String] = []

    @Option(help: "How many days it is good for; never longer than the authority.")
    var days = 90

    func run() async throws {
        try Fault.reporting {
            guard !name.contains("/"), !name.hasPrefix(".") else {
                throw CollectorError(
                    .configuration, "--name \"\(name)\" names files, so it has no / and no leading dot")
            }
            let authority = try CertificateAuthority(
                certificatePEM: try CertificateFiles.read(directory + "/ca.pem", what: "authority"),
                keyPEM: try CertificateFiles.read(directory + "/ca-key.pem", what: "authority's key"))
            _ = try CertificateFiles.certificates(directory + "/ca.pem", what: "authority")
            let issued = try authority.issue(
                .init(name: name, isServer: server, dnsNames: dns, addresses: ip, days: days))
            try CertificateFiles.write(issued.keyPEM, to: directory + "/\(name)-key.pem", secret: true)
            try CertificateFiles.write(issued.certificatePEM, to: directory + "/\(name).pem", secret: false)
            let end = Timestamp(seconds: Int64(issued.certificate.notValidAfter.timeIntervalSince1970))
            print(
                "certificate  \(directory)/\(name).pem\nprivate key  \(directory)/\(name)-key.pem\ngood until   \(end)")
        }
    }
}

struct CertsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Say whose a certificate is and whether it is good now.")

    @Argument(help: ArgumentHelp("A PEM file.", valueName: "file"))
    var file: String

    func run() async throws {
        try Fault.reporting {
            let pem = try CertificateFiles.read(file, what: "certificate")
            for certificate in try CertificateFiles.parse(pem, what: file) {
                let identity = try SidecarIdentity(certificate)
                let moments = [certificate.notValidBefore, certificate.notValidAfter].map {
                    Timestamp(seconds: Int64($0.timeIntervalSince1970)).description
                }
                print("subject     \(certificate.subject)")
                print("names       \(identity.names.sorted().joined(separator: ", "))")
                print("issuer      \(certificate.issuer)")
                print("good        \(moments[0]) to \(moments[1])")
                print("key id      \(Identifiers.hex(identity.keyID))")
            }
            _ = try CertificateFiles.certificates(file, what: "certificate")
        }
    }
}

import Enforcement
import FoundationEssentials
import Policy
import Synchronization

/// What the sidecar, and only the sidecar, knows of an upstream.
struct UpstreamCredentials: Sendable, Hashable {
    /// `nil`: the user that the client names, for upstreams that ask for nothing.
    var user: String?
    var password: String?
}

/// The credentials of one resource, kept until their files change.
final class CredentialFiles: Sendable {
    /// A user name or password of PostgreSQL may have any length in SQL; a file this long is a mistake.
    static let maximumBytes = 65_536

    private struct Entry {
        var stamp: FileStamp?
        var text: String
    }

    private let resource: String
    private let usernameFile: String?
    private let passwordFile: String?
    private let http: HTTPCredentialFiles?
    private let oauth: OAuthClient?
    private let cache = Mutex<[String: Entry]>([:])

    init(resource: Resource) {
        self.resource = resource.name
        usernameFile = resource.usernameFile
        passwordFile = resource.passwordFile
        http = resource.protocolName != .postgres ? HTTPCredentialFiles(resource) : nil
        oauth = resource.oauth
    }

    /// Reads what there is to read.
    ///
    /// - Throws: where a file is missing, or holds what cannot be sent.
    func check() throws(SidecarError) {
        if http != nil { _ = try currentField() } else { _ = try current() }
        guard let oauth else { return }
        _ = try text(of: oauth.clientIDFile, "the client's identifier of resource '\(resource)' (clientIDFile)")
        _ = try text(of: oauth.clientSecretFile, "the client's secret of resource '\(resource)' (clientSecretFile)")
    }

    /// The field that tells an upstream over HTTP who asks, as the files have it now. A token that is fetched is not among them.
    func currentField() throws(SidecarError) -> HTTPCredential {
        guard let http else { return .anonymous }
        let credential: HTTPCredential
        if let path = http.bearerFile {
            let token = try text(of: path, "the token of resource '\(resource)' (bearerFile)") ?? ""
            credential = .bearer(token)
        } else if let name = http.headerName, let path = http.headerFile {
            credential = HTTPCredential(
                field: name, value: try text(of: path, "the field of resource '\(resource)' (headerFile)") ?? "")
        } else if let path = usernameFile {
            let user = try text(of: path, "the user name of resource '\(resource)' (usernameFile)") ?? ""
            let password = try text(of: passwordFile, "the password of resource '\(resource)' (passwordFile)") ?? ""
            let pair = Data("\(user):\(password)".utf8).base64EncodedString()
            credential = .basic(encoded: pair, password: password)
        } else {
            return .anonymous
        }
        guard credential.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw SidecarError(
                .config,
                "resource '\(resource)': the file of its credential holds line ends or other control characters.")
        }
        return credential
    }

    /// The credentials as the files have them now: two stats when nothing changed.
    func current() throws(SidecarError) -> UpstreamCredentials {
        let credentials = UpstreamCredentials(
            user: try text(of: usernameFile, "the user name of resource '\(resource)' (usernameFile)"),
            password: try text(of: passwordFile, "the password of resource '\(resource)' (passwordFile)"))
        if let password = credentials.password, !PreparedPassword.isUnchanged(password) {
            throw SidecarError(
                .config,
                "\(passwordFile ?? ""): holds the password of resource '\(resource)' (passwordFile), and one with characters "
                    + "that SASLprep (RFC 4013) may change: special spaces, invisible or composed characters, ligatures, wide "
                    + "forms and the like. Such passwords are not supported; give the database's user another one.")
        }
        return credentials
    }

    private func text(of path: String?, _ what: String) throws(SidecarError) -> String? {
        guard let path else { return nil }
        // The stamp comes before the bytes: a file that changes in between is read again next time.
        let stamp = FileStamp(path: path)
        if let stamp, let entry = cache.withLock({ $0[path] }), entry.stamp == stamp { return entry.text }
        let entry = Entry(stamp: stamp, text: try Self.line(of: path, what))
        cache.withLock { $0[path] = entry }
        return entry.text
    }

    /// Reads a secret that is a file's only line.
    static func line(of path: String, _ what: String) throws(SidecarError) -> String {
        let bytes = try readFile(path, what: what, maximumBytes: maximumBytes)
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw SidecarError(.config, "\(path): is not UTF-8; it should hold \(what).")
        }
        // Editors and `echo` end a file with a newline, which is no part of the secret.
        if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
        guard !text.isEmpty, !text.utf8.contains(0) else {
            throw SidecarError(.config, "\(path): is empty or holds a NUL; it should hold \(what).")
        }
        return text
    }
}

/// The files of a credential that is a field of HTTP.
private struct HTTPCredentialFiles: Sendable {
    let bearerFile: String?
    let headerName: String?
    let headerFile: String?

    init(_ resource: Resource) {
        bearerFile = resource.bearerFile
        headerName = resource.headerName
        headerFile = resource.headerFile
    }
}

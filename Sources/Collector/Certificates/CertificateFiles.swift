import Crypto
public import Foundation
import SwiftASN1
public import X509

/// Certificates and keys in files: what is read is checked before it is used, and a secret is written for its owner
/// alone.
public enum CertificateFiles {
    /// No PEM file that we read is larger: a chain of ten certificates has some 30 KB.
    static let maximumSize = 1 << 20

    /// The text of a PEM file.
    ///
    /// - Throws: ``CollectorError`` that names the path.
    public static func read(_ path: String, what: String) throws(CollectorError) -> String {
        let manager = FileManager.default
        var isDirectory: ObjCBool = false
        guard manager.fileExists(atPath: path, isDirectory: &isDirectory) else {
            let maker = what.hasPrefix("JWK set") ? "stile token key" : "stile certs"
            throw CollectorError(.missingFile, "\(what): \(path): no such file; `\(maker)` makes one")
        }
        guard !isDirectory.boolValue else {
            throw CollectorError(.missingFile, "\(what): \(path) is a directory, a PEM file is wanted")
        }
        guard manager.isReadableFile(atPath: path), let data = manager.contents(atPath: path) else {
            throw CollectorError(.permission, "\(what): \(path) cannot be read; check its owner and mode")
        }
        guard data.count <= maximumSize, let text = String(data: data, encoding: .utf8) else {
            throw CollectorError(.certificate, "\(what): \(path) is not a PEM file")
        }
        return text
    }

    /// Writes a file that was not there before.
    ///
    /// - Parameter secret: for the owner alone (0600) if it is, readable to all (0644) if not.
    /// - Throws: ``CollectorError`` that names the path, among others when the file exists already.
    public static func write(_ text: String, to path: String, secret: Bool) throws(CollectorError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, secret ? 0o600 : 0o644)
        guard descriptor >= 0 else {
            let reason = errno
            if reason == EEXIST {
                throw CollectorError(
                    .configuration, "\(path) exists already; it is not overwritten: move it away or name another")
            }
            throw CollectorError(.permission, "\(path) cannot be written: \(String(cString: strerror(reason)))")
        }
        defer { close(descriptor) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else {
                throw CollectorError(.store, "\(path) cannot be written: \(String(cString: strerror(errno)))")
            }
            bytes = bytes.dropFirst(written)
        }
    }

    /// Reads a certificate chain and says whether it is good now and belongs to the key.
    ///
    /// - Returns: the leaf.
    /// - Throws: ``CollectorError`` that names the path and the mend.
    @discardableResult
    public static func check(
        certificate path: String, key keyPath: String, what: String, now: Date = Date()
    ) throws(CollectorError) -> Certificate {
        let leaf = try certificates(path, what: what, now: now)[0]
        let pem = try read(keyPath, what: "\(what) key")
        let key: Certificate.PrivateKey
        do {
            key = try Certificate.PrivateKey(pemEncoded: pem)
        } catch {
            throw CollectorError(.certificate, "\(what) key: \(keyPath) is not a private key in PEM")
        }
        guard key.publicKey == leaf.publicKey else {
            throw CollectorError(
                .certificate, "\(what): the key in \(keyPath) does not belong to the certificate in \(path)")
        }
        return leaf
    }

    /// Reads one certificate or more, each of them good now; never an empty array.
    public static func certificates(
        _ path: String, what: String, now: Date = Date()
    ) throws(CollectorError) -> [Certificate] {
        let pem = try read(path, what: what)
        let chain = try parse(pem, what: "\(what): \(path)")
        for certificate in chain {
            if certificate.notValidAfter < now {
                throw CollectorError(
                    .certificate,
                    "\(what): the certificate in \(path) (\(certificate.subject)) expired on "
                        + "\(moment(certificate.notValidAfter)); issue a new one with `stile certs issue`")
            }
            if certificate.notValidBefore > now {
                throw CollectorError(
                    .certificate,
                    "\(what): the certificate in \(path) (\(certificate.subject)) is not valid before "
                        + "\(moment(certificate.notValidBefore)); check this machine's clock")
            }
        }
        return chain
    }

    /// The certificates in a PEM text, at least one.
    public static func parse(_ pem: String, what: String) throws(CollectorError) -> [Certificate] {
        do {
            let chain = try PEMDocument.parseMultiple(pemString: pem)
                .filter { $0.discriminator == Certificate.defaultPEMDiscriminator }
                .map { try Certificate(pemDocument: $0) }
            if !chain.isEmpty { return chain }
        } catch {
            throw CollectorError(.certificate, "\(what) holds a certificate that cannot be read", cause: error)
        }
        throw CollectorError(.certificate, "\(what) holds no certificate (-----BEGIN CERTIFICATE-----)")
    }

    private static func moment(_ date: Date) -> String {
        Timestamp(seconds: Int64(date.timeIntervalSince1970)).description
    }
}

import Collector
import Foundation
import Records
import SwiftASN1
// A session is checked long after its sidecar's certificate has expired: what counts is whether it was good then.
@_spi(FixedExpiryValidationTime) import X509

/// A session in a file, checked without a collector.
enum ExportedSession {
    /// Checks the file's chain and signature, and the signer's certificate if an authority is given.
    ///
    /// - Throws: ``Fault`` when the file cannot be read as an export at all.
    static func verify(file: String, authority: String?) async throws -> VerificationView {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Fault(.noInput, "\(file) cannot be read")
        }
        let lines = data.split(separator: 0x0A)
        guard let first = lines.first, case .session(let session, let encoded, _, _)? = decode(first),
            let id = Identifiers.bytes(uuid: session.id)
        else { throw Fault(.dataError, "\(file) is not an export of `stile sessions export`") }
        let certificates = encoded.compactMap { Data(base64Encoded: $0).map(Array.init) }
        var verifier = SessionVerifier(
            sessionID: id, keys: SessionVerifier.keys(ofCertificates: certificates))
        var count: Int64 = 0
        var hasEnd = false
        for (number, line) in lines.enumerated().dropFirst() {
            switch decode(line) {
            case .record(_, _, let bytes)?:
                guard let raw = Data(base64Encoded: bytes) else {
                    verifier.note("line \(number + 1) holds no base64")
                    continue
                }
                verifier.add([UInt8](raw))
                count += 1
            case .end(let records)?:
                hasEnd = true
                if records != count { verifier.note("the file ends after \(count) records and says \(records)") }
            case .session?, nil:
                verifier.note("line \(number + 1) is not a line of an export")
            }
        }
        if !hasEnd { verifier.note("the file is cut short: it has no last line") }
        if let authority, let problem = try await distrust(verifier, certificates, authority) { verifier.note(problem) }
        return verifier.finish()
    }

    private static func decode(_ line: Data.SubSequence) -> ExportLine? {
        try? JSONDecoder().decode(ExportLine.self, from: Data(line))
    }

    /// Why the signer's certificate is not one of the authority's, at the time it signed; nil if it is.
    private static func distrust(
        _ verifier: SessionVerifier, _ certificates: [[UInt8]], _ authority: String
    ) async throws -> String? {
        guard let keyID = verifier.signingKeyID, let time = verifier.closeTime else { return nil }
        let roots = try CertificateFiles.parse(
            CertificateFiles.read(authority, what: "authority"), what: "authority: \(authority)")
        let signer = certificates.compactMap { try? Certificate(derEncoded: $0) }.first { certificate in
            certificate.publicKey.encodedInfo.map { RecordHash(of: $0) } == keyID
        }
        guard let signer else { return "the certificate of the key that signed the close is not in the file" }
        let moment = Date(timeIntervalSince1970: Double(time.microseconds) / 1_000_000)
        var chain = Verifier(rootCertificates: CertificateStore(roots)) {
            RFC5280Policy(fixedExpiryValidationTime: moment)
        }
        guard case .validCertificate = await chain.validate(leaf: signer, intermediates: CertificateStore([])) else {
            return
                "the chain holds, but the certificate of the key that signed its close is not from this authority, or was not good then"
        }
        return nil
    }
}

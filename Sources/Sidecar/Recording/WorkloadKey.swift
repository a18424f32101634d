import Crypto
import Records

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The key that signs the closes of sessions: the workload's, where the sidecar has a certificate; else one of the
/// spool's own, made once and kept beside the records.
enum WorkloadKey {
    static func signer(configuration: SidecarConfiguration) throws(SidecarError) -> SessionSigner {
        if let path = configuration.collector?.keyFile {
            return try read(path, what: "the sidecar's key (--key)")
        }
        let path = "\(configuration.spoolDirectory)/.signing-key.pem"
        if FileStamp(path: path) == nil { try make(path) }
        return try read(path, what: "the key that signs sessions")
    }

    private static func read(_ path: String, what: String) throws(SidecarError) -> SessionSigner {
        let bytes = try readFile(path, what: what, maximumBytes: 65_536)
        do {
            return try SessionSigner(pem: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw SidecarError(.config, "\(path): cannot be used as \(what): \(error.message).")
        }
    }

    private static func make(_ path: String) throws(SidecarError) {
        let directory = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
        if unsafe mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw SidecarError(
                .io, "\(directory): the spool's directory cannot be made (errno \(errno)); make it, or name another.")
        }
        let pem = Array(P256.Signing.PrivateKey().pemRepresentation.utf8)
        // For this user alone, and never over a key that is there.
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SidecarError(
                .io, "\(path): cannot be written (errno \(errno)); the sidecar's user must own the spool's directory.")
        }
        defer { close(descriptor) }
        let written = pem.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        guard written == pem.count, fsync(descriptor) == 0 else {
            unsafe unlink(path)
            throw SidecarError(.io, "\(path): cannot be written; is the disk full?")
        }
    }
}

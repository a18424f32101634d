import Glibc

/// The few calls to the operating system that the spool makes, with their errors.
enum SystemCall {
    /// - Parameters:
    ///   - operation: What was tried, for the message: "cannot \(operation)".
    static func error(_ operation: String, _ number: Int32 = errno) -> SpoolError {
        let reason = String(cString: strerror(number))
        switch number {
        case ENOSPC, EDQUOT: return SpoolError(.full, "spool: cannot \(operation): \(reason)")
        default: return SpoolError(.io, "spool: cannot \(operation): \(reason)")
        }
    }

    /// Reads part of a file: fewer bytes than asked only at its end.
    static func read(_ file: FileDescriptor, from offset: Int, count: Int) throws(SpoolError) -> [UInt8] {
        var failure: Int32?
        let bytes = [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
            while filled < count {
                let got = pread(file.number, buffer.baseAddress! + filled, count - filled, offset + filled)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { break }
                filled += got
            }
        }
        if let failure { throw error("read \(file.path)", failure) }
        return bytes
    }

    static func write(_ bytes: [UInt8], to file: FileDescriptor, at offset: Int) throws(SpoolError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(file.number, buffer.baseAddress! + written, buffer.count - written, offset + written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw error("write \(file.path)") }
            written += count
        }
    }

    static func size(of file: FileDescriptor) throws(SpoolError) -> Int {
        let size = lseek(file.number, 0, SEEK_END)
        guard size >= 0 else { throw error("examine \(file.path)") }
        return size
    }
}

/// An open file, closed with its last reference: whoever forces a file to the disk holds one, so that its number is not
/// given to another file meanwhile.
final class FileDescriptor: Sendable {
    let number: Int32
    let path: String

    /// - Parameter flags: `O_CLOEXEC` is added.
    init(path: String, flags: Int32, mode: mode_t = 0o600) throws(SpoolError) {
        let opened = open(path, flags | O_CLOEXEC, mode)
        guard opened >= 0 else { throw SystemCall.error("open \(path)") }
        number = opened
        self.path = path
    }

    deinit { close(number) }

    /// Forces the file's data, those written through a mapping included, to the disk.
    func synchronize() throws(SpoolError) {
        while fdatasync(number) != 0 {
            guard errno == EINTR else { throw SystemCall.error("force \(path) to the disk") }
        }
    }
}

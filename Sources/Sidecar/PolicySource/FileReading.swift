#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What tells one version of a file from the next: replacing a file changes its inode, writing to it its times.
struct FileStamp: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    var modifiedSeconds: Int64
    var modifiedNanoseconds: Int64
    var isDirectory: Bool

    /// - Returns: `nil` when there is nothing at `path`. Symbolic links are followed, so the swap of a ConfigMap
    ///   volume's `..data` shows.
    init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modifiedSeconds = Int64(status.st_mtim.tv_sec)
        modifiedNanoseconds = Int64(status.st_mtim.tv_nsec)
        isDirectory = status.st_mode & S_IFMT == S_IFDIR
    }
}

/// Reads a small file whole. Blocks: configuration, credentials and tokens only, never on an event loop's hot path.
///
/// - Parameter what: what the file is, for the error ("the password of resource 'customers-db'").
/// - Throws: ``SidecarError`` with the path and the reason.
func readFile(_ path: String, what: String, maximumBytes: Int) throws(SidecarError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw fileError(errno, path: path, what: what) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        if count < 0 {
            if errno == EINTR { continue }
            throw fileError(errno, path: path, what: what)
        }
        if count == 0 { return bytes }
        guard bytes.count + count <= maximumBytes else {
            throw SidecarError(.config, "\(path): \(what) is larger than \(maximumBytes) bytes.")
        }
        bytes.append(contentsOf: chunk[..<count])
    }
}

/// The names in a directory, sorted, without those that begin with a dot (a ConfigMap volume's `..data` among them).
func listDirectory(_ path: String, what: String) throws(SidecarError) -> [String] {
    guard let directory = unsafe opendir(path) else { throw fileError(errno, path: path, what: what) }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
        let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
}

private func fileError(_ code: Int32, path: String, what: String) -> SidecarError {
    switch code {
    case ENOENT: SidecarError(.noInput, "\(path): there is no such file; it should hold \(what).")
    case EACCES, EPERM: SidecarError(.permission, "\(path): this user may not read it; it holds \(what).")
    case EISDIR: SidecarError(.noInput, "\(path): it is a directory, and should be a file that holds \(what).")
    default: SidecarError(.noInput, "\(path): cannot be read (errno \(code)); it should hold \(what).")
    }
}

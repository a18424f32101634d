private import Glibc

extension BundleBlock {
    /// Maps a file read-only.
    ///
    /// Whoever replaces a bundle must put the new file in the old one's place (rename, or a ConfigMap's `..data` symbolic
    /// link), and never write into it: the kernel ends a process that reads beyond the end of a mapped file that was cut.
    ///
    /// - Throws: ``BundleError`` with the code `unreadable`, `truncated` or `tooLarge`.
    static func mapping(path: String) throws(BundleError) -> BundleBlock {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw unreadable(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw BundleError(.unreadable, "cannot read '\(path)': it is not a regular file")
        }
        let size = Int(status.st_size)
        guard size >= BundleLayout.headerLength else {
            throw BundleError(.truncated, offset: size, "the file ends before the header does")
        }
        guard size <= BundleLayout.maximumLength else {
            throw BundleError(.tooLarge, offset: size, "the file is larger than \(BundleLayout.maximumLength) bytes")
        }
        guard let base = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), unsafe base != MAP_FAILED else {
            throw unreadable(path, errno)
        }
        return unsafe BundleBlock(base: base, count: size) { base, count in
            unsafe munmap(UnsafeMutableRawPointer(mutating: base), count)
        }
    }

    private static func unreadable(_ path: String, _ code: Int32) -> BundleError {
        let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return BundleError(.unreadable, "cannot read '\(path)': \(reason)")
    }
}

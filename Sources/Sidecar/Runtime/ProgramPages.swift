import Glibc

/// Gives back the pages of the program that only its start needed.
///
/// The kernel maps sixteen pages around each that is touched, so after reading policy, TLS and gRPC configuration most of
/// the program is resident, and stays so in a pod that has memory to spare: some 20 MB a sidecar that nothing uses. Pages
/// that are needed again come back from the page cache.
enum ProgramPages {
    /// Only mappings that cannot be written and have no page of this process's own are touched: what is dropped from those
    /// is in the file. (Relocated data is read-only too, and has pages of its own.)
    static func release() {
        guard let bytes = try? readFile("/proc/self/smaps", what: "the memory map", maximumBytes: 4 << 20) else {
            return
        }
        var mapping: (start: UInt, length: Int)?
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            if let header = Self.header(line) {
                mapping = header.isDroppable ? (header.start, header.length) : nil
            } else if line.hasPrefix("Anonymous:"), let found = mapping {
                mapping = nil
                let isClean = line.split(separator: " ").dropFirst().first == "0"
                guard isClean, let address = UnsafeMutableRawPointer(bitPattern: found.start) else { continue }
                madvise(address, found.length, Int32(MADV_DONTNEED))
            }
        }
    }

    /// The first line of a mapping in proc(5)'s smaps: `start-end perms offset device inode path`.
    private static func header(_ line: Substring) -> (start: UInt, length: Int, isDroppable: Bool)? {
        let fields = line.split(separator: " ", maxSplits: 5)
        guard fields.count >= 5 else { return nil }
        let range = fields[0].split(separator: "-")
        guard range.count == 2, let start = UInt(range[0], radix: 16), let end = UInt(range[1], radix: 16), start < end
        else { return nil }
        let isFile = fields.count == 6 && fields[5].drop { $0 == " " }.hasPrefix("/")
        return (start, Int(end - start), isFile && fields[1].hasPrefix("r") && !fields[1].contains("w"))
    }
}

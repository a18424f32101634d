import FoundationEssentials
import Glibc

/// A spool's directory: its lock, and the names of its segment files.
final class SpoolDirectory: Sendable {
    static let segmentSuffix = ".segment"
    static let damagedSuffix = ".damaged"

    let path: String
    private let handle: FileDescriptor
    private let lock: FileDescriptor

    /// Makes the directory when it is missing, and locks it for this process.
    ///
    /// - Throws: ``SpoolError/Code/locked`` when another process has it.
    init(path: String) throws(SpoolError) {
        self.path = path
        try Self.make(path)
        handle = try FileDescriptor(path: path, flags: O_RDONLY | O_DIRECTORY)
        lock = try FileDescriptor(path: "\(path)/lock", flags: O_RDWR | O_CREAT)
        guard flock(lock.number, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw SystemCall.error("lock \(path)") }
            let owner = try String(decoding: SystemCall.read(lock, from: 0, count: 20), as: UTF8.self)
            throw SpoolError(
                .locked,
                "spool: \(path) is in use by process \(owner): give each sidecar a directory of its own")
        }
        guard ftruncate(lock.number, 0) == 0 else { throw SystemCall.error("write \(lock.path)") }
        try SystemCall.write(Array("\(getpid())".utf8), to: lock, at: 0)
    }

    /// Gives the lock up by name: closing the file would leave it to a child that is between its fork and its exec, and has a copy.
    deinit { flock(lock.number, LOCK_UN) }

    func path(ofSegment number: UInt64) -> String {
        let digits = String(number)
        return "\(path)/\(String(repeating: "0", count: max(0, 20 - digits.count)))\(digits)\(Self.segmentSuffix)"
    }

    /// The numbers of the segments that are there, ascending.
    func segments() throws(SpoolError) -> [UInt64] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw SpoolError(.io, "spool: cannot list \(path): \(error)")
        }
        var numbers: [UInt64] = []
        for name in names where name.hasSuffix(Self.segmentSuffix) {
            // The very name that this spool gives: not one that a person made from it.
            if let number = UInt64(name.dropLast(Self.segmentSuffix.count)),
                path(ofSegment: number) == "\(path)/\(name)"
            {
                numbers.append(number)
            }
        }
        return numbers.sorted()
    }

    func remove(segment number: UInt64) throws(SpoolError) {
        let path = path(ofSegment: number)
        guard unlink(path) == 0 || errno == ENOENT else { throw SystemCall.error("remove \(path)") }
    }

    /// Puts a segment that cannot be read beside, for a person to look at.
    ///
    /// - Returns: The file's new path.
    func setAside(segment number: UInt64) throws(SpoolError) -> String {
        let old = path(ofSegment: number)
        let new = old + Self.damagedSuffix
        guard rename(old, new) == 0 else { throw SystemCall.error("rename \(old)") }
        return new
    }

    /// Forces the names of files, made and removed, to the disk.
    func synchronize() throws(SpoolError) {
        while fsync(handle.number) != 0 {
            guard errno == EINTR else { throw SystemCall.error("force \(path) to the disk") }
        }
    }

    private static func make(_ path: String) throws(SpoolError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/\(part)"
            guard mkdir(made, 0o700) == 0 || errno == EEXIST || errno == EROFS || errno == EACCES else {
                throw SystemCall.error("make the directory \(made)")
            }
        }
    }
}

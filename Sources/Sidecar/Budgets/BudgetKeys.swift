import Glibc
import Policy

/// The keys of what a ledger keeps: one file of 64 random bytes beside it, made once. Whoever has the ledger alone learns no
/// name and no value from it; whoever can read the sidecar's directory has both.
struct BudgetKeys: Sendable {
    let first: KeyedHash
    let second: KeyedHash
    /// Of values.
    let values: KeyedHash
    /// Of entries in the file.
    let seal: KeyedHash

    private static let count = 64

    init(path: String) throws(SidecarError) {
        if FileStamp(path: path) == nil { try Self.make(path) }
        let bytes = try readFile(path, what: "the key of budgets", maximumBytes: 4_096)
        guard bytes.count == Self.count else {
            throw SidecarError(
                .config,
                "\(path): the key of budgets has \(bytes.count) bytes and should have \(Self.count); "
                    + "remove it, and the budgets' file beside it, to begin anew.")
        }
        func word(_ index: Int) -> UInt64 {
            (0..<8).reduce(0) { $0 | UInt64(bytes[8 * index + $1]) << UInt64(8 * $1) }
        }
        first = KeyedHash(word(0), word(1))
        second = KeyedHash(word(2), word(3))
        values = KeyedHash(word(4), word(5))
        seal = KeyedHash(word(6), word(7))
    }

    private static func make(_ path: String) throws(SidecarError) {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SidecarError(
                .io, "\(temporary): cannot be written (errno \(errno)); the sidecar's user must own the directory.")
        }
        defer { close(descriptor) }
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == bytes.count, fsync(descriptor) == 0, rename(temporary, path) == 0 else {
            unlink(temporary)
            throw SidecarError(.io, "\(path): cannot be written; is the disk full?")
        }
    }
}

import Glibc
import Policy

/// The entries of a ledger in a file that is only appended to, and now and then written anew in its place.
///
/// An entry has 48 bytes, little-endian: the account (16), the bucket's length in seconds (4), what it is (4: 1 rows, 2 a
/// value), the bucket (8), the count or the value's hash (8), and a keyed hash of all that (8). What does not agree with its
/// hash is passed over: a write that a crash cut short was followed by no row.
struct BudgetFile {
    static let entryBytes = 48

    private(set) var bytes: Int
    private var file: FileDescriptor
    private let path: String
    private let seal: KeyedHash

    /// Opens the file, or makes it, and reads what it holds.
    init(path: String, seal: KeyedHash, restore: (BudgetEntry) -> Void) throws(SpoolError) {
        self.path = path
        self.seal = seal
        file = try FileDescriptor(path: path, flags: O_RDWR | O_CREAT)
        let size = try SystemCall.size(of: file)
        var offset = 0
        while offset < size {
            let piece = try SystemCall.read(file, from: offset, count: min(size - offset, Self.entryBytes * 4_096))
            guard piece.count >= Self.entryBytes else { break }
            for start in stride(from: 0, through: piece.count - Self.entryBytes, by: Self.entryBytes) {
                if let entry = Self.entry(piece[start..<start + Self.entryBytes], seal) { restore(entry) }
            }
            offset += piece.count
        }
        // Behind the last whole entry.
        bytes = size - size % Self.entryBytes
    }

    mutating func append(_ entries: [BudgetEntry]) throws(SpoolError) {
        let encoded = entries.flatMap { Self.encode($0, seal) }
        try SystemCall.write(encoded, to: file, at: bytes)
        bytes += encoded.count
    }

    /// Puts a file of these entries in its place, at once or not at all.
    mutating func replace(with entries: [BudgetEntry]) throws(SpoolError) {
        let temporary = path + ".new"
        let next = try FileDescriptor(path: temporary, flags: O_RDWR | O_CREAT | O_TRUNC)
        let encoded = entries.flatMap { Self.encode($0, seal) }
        try SystemCall.write(encoded, to: next, at: 0)
        try next.synchronize()
        guard rename(temporary, path) == 0 else { throw SystemCall.error("put \(temporary) in its place") }
        file = next
        bytes = encoded.count
    }

    /// What forces what was written to the disk, apart from this.
    var synchronizer: FileDescriptor { file }

    // MARK: Entries

    private static func encode(_ entry: BudgetEntry, _ seal: KeyedHash) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entryBytes)
        func put(_ value: UInt64, _ count: Int) {
            for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
        }
        put(entry.account.high, 8)
        put(entry.account.low, 8)
        put(UInt64(bitPattern: entry.bucketSeconds), 4)
        switch entry.content {
        case .rows(let count):
            put(1, 4)
            put(UInt64(bitPattern: entry.bucket), 8)
            put(count, 8)
        case .value(let value):
            put(2, 4)
            put(UInt64(bitPattern: entry.bucket), 8)
            put(value, 8)
        }
        put(seal(bytes.span), 8)
        return bytes
    }

    private static func entry(_ slice: ArraySlice<UInt8>, _ seal: KeyedHash) -> BudgetEntry? {
        let bytes = Array(slice)
        func get(_ start: Int, _ count: Int) -> UInt64 {
            (0..<count).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
        }
        guard bytes.count == entryBytes, seal(bytes.span.extracting(0..<40)) == get(40, 8) else { return nil }
        let content: BudgetEntry.Content
        switch get(20, 4) {
        case 1: content = .rows(get(32, 8))
        case 2: content = .value(get(32, 8))
        default: return nil
        }
        return BudgetEntry(
            account: BudgetAccountKey(high: get(0, 8), low: get(8, 8)), bucketSeconds: Int64(get(16, 4)),
            bucket: Int64(bitPattern: get(24, 8)), content: content)
    }
}

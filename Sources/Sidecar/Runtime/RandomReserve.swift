import Enforcement
import Records

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Random numbers of the system's generator, fetched some dozens at a time: a system call for each record's id would be
/// one in five that a transaction makes. On one thread.
struct RandomReserve: RandomNumberGenerator {
    /// As many as getentropy(3) gives at once: 256 bytes.
    private static let count = 32

    private var numbers: [UInt64] = []
    private var system = SystemRandomNumberGenerator()

    mutating func next() -> UInt64 {
        if let number = numbers.popLast() { return number }
        var fresh = [UInt64](repeating: 0, count: Self.count)
        let isFilled = fresh.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { getentropy($0, bytes.count) == 0 } ?? false
        }
        guard isFilled else { return system.next() }
        numbers = fresh
        return numbers.popLast() ?? system.next()
    }
}

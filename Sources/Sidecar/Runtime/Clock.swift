import Enforcement

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reads the machine's clocks: the one place of the data path that does.
enum SystemClock {
    static func now() -> SessionInstant {
        SessionInstant(
            unixMicroseconds: unixMicroseconds(), uptimeNanoseconds: uptimeNanoseconds())
    }

    /// Of the monotonic clock, as NIO's deadlines are.
    static func uptimeNanoseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    static func unixMicroseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }

    static func unixSeconds() -> Int64 { unixMicroseconds() / 1_000_000 }
}

import Enforcement
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reads the machine's clocks: the one place of the data path that does.
enum SystemClock {
    static func now() -> SessionInstant {
        SessionInstant(
            unixMicroseconds: unixMicroseconds(), uptimeNanoseconds: NIODeadline.now().uptimeNanoseconds)
    }

    static func unixMicroseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }

    static func unixSeconds() -> Int64 { unixMicroseconds() / 1_000_000 }
}

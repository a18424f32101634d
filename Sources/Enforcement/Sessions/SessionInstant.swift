/// A moment, on both of a machine's clocks.
public struct SessionInstant: Hashable, Sendable {
    /// Microseconds since 1970: for records and expiry.
    public var unixMicroseconds: Int64
    /// Nanoseconds of a clock that never goes back: for durations.
    public var uptimeNanoseconds: UInt64

    public init(unixMicroseconds: Int64, uptimeNanoseconds: UInt64) {
        self.unixMicroseconds = unixMicroseconds
        self.uptimeNanoseconds = uptimeNanoseconds
    }
}

extension SessionInstant {
    /// Seconds since 1970: for expiry and budgets.
    var unixSeconds: Int64 { unixMicroseconds / 1_000_000 }

    func after(seconds: UInt32) -> SessionInstant {
        SessionInstant(
            unixMicroseconds: unixMicroseconds + Int64(seconds) * 1_000_000,
            uptimeNanoseconds: uptimeNanoseconds + UInt64(seconds) * 1_000_000_000)
    }

    /// The moment at which the other clock will say this.
    func at(uptimeNanoseconds other: UInt64) -> SessionInstant {
        let ahead = other > uptimeNanoseconds ? other - uptimeNanoseconds : 0
        return SessionInstant(
            unixMicroseconds: unixMicroseconds &+ Int64(clamping: ahead / 1_000), uptimeNanoseconds: other)
    }

    func at(unixSeconds other: Int64) -> SessionInstant {
        // A century is as good as never, and leaves no room for an overflow.
        let seconds = min(max(other, 0), unixSeconds + 3_155_760_000)
        let ahead = max(0, seconds * 1_000_000 - unixMicroseconds)
        return SessionInstant(
            unixMicroseconds: seconds * 1_000_000, uptimeNanoseconds: uptimeNanoseconds + UInt64(ahead) * 1_000)
    }
}

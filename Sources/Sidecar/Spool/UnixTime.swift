import FoundationEssentials

/// The wall clock, as records tell it.
package enum UnixTime {
    /// Microseconds since 1970.
    package static func microseconds() -> Int64 {
        Int64(Date().timeIntervalSince1970 * 1_000_000)
    }
}

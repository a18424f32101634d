import CVectorscan
import Glibc

/// The patterns of our detectors in Vectorscan, which only says that something ends somewhere: no validation, no context, no
/// place where a match begins.
final class Vectorscan {
    private var database: OpaquePointer?
    private var scratch: OpaquePointer?
    /// Patterns that it does not take.
    private(set) var refused = 0

    /// - Parameter prefix: What to put before each pattern, as `\b`.
    init?(_ patterns: [String], prefix: String) {
        let flags = UInt32(HS_FLAG_UTF8) | UInt32(HS_FLAG_ALLOWEMPTY)
        var accepted: [UnsafeMutablePointer<CChar>?] = []
        for pattern in patterns {
            let text = strdup("\(prefix)(?:\(pattern))")
            var one: OpaquePointer?
            var fault: UnsafeMutablePointer<hs_compile_error_t>?
            if hs_compile(text, flags, UInt32(HS_MODE_BLOCK), nil, &one, &fault) == HS_SUCCESS {
                hs_free_database(one)
                accepted.append(text)
            } else {
                hs_free_compile_error(fault)
                refused += 1
            }
        }
        var pointers = accepted.map { UnsafePointer($0) }
        var allFlags = Array(repeating: flags, count: accepted.count)
        var numbers = accepted.indices.map(UInt32.init)
        var fault: UnsafeMutablePointer<hs_compile_error_t>?
        guard
            hs_compile_multi(
                &pointers, &allFlags, &numbers, UInt32(accepted.count), UInt32(HS_MODE_BLOCK), nil, &database, &fault)
                == HS_SUCCESS,
            hs_alloc_scratch(database, &scratch) == HS_SUCCESS
        else { return nil }
    }

    /// - Returns: How many matches it told of.
    func scan(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var count = 0
        bytes.withMemoryRebound(to: CChar.self) { text in
            withUnsafeMutablePointer(to: &count) { pointer in
                _ = hs_scan(
                    database, text.baseAddress, UInt32(text.count), 0, scratch,
                    { _, _, _, _, context in
                        context?.assumingMemoryBound(to: Int.self).pointee += 1
                        return 0
                    }, pointer)
            }
        }
        return count
    }
}

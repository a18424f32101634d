import FuzzHarnesses
import Glibc

/// Which harness runs. The environment tells: libFuzzer starts itself anew with the arguments that it was given, and takes each
/// that is no option for a corpus.
let selected = Harness(rawValue: getenv("STILE_FUZZ_HARNESS").map { String(cString: $0) } ?? "")

func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        try selected?.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch {
        // For libFuzzer, which keeps the input.
        fatalError("\(error)")
    }
    return 0
}

import CLibFuzzer
import FuzzHarnesses
import Glibc

if selected == nil {
    print("STILE_FUZZ_HARNESS must name one of: \(Harness.allCases.map(\.rawValue).joined(separator: ", "))")
    exit(64)
}
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(LLVMFuzzerRunDriver(&count, &arguments, testOneInput))

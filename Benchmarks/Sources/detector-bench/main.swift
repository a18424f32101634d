import Policy
import PolicyCompiler

// Bytes a second that detectors look through, on one core: cells as tables have them, with all built-in detectors and with
// the four that most policies name.
let clock = ContinuousClock()
let all = BuiltInDetectors.names
let few = ["us-ssn", "credit-card", "email", "phone"]
let cells = DetectorBenchmark.cells.map { Array($0.utf8) }
let start = clock.now
let tables = try DetectorTables(validating: DetectorCompiler.compile(enabled: all, custom: []))
print("compiling \(all.count) detectors: \((clock.now - start) / .milliseconds(1)) ms")

for (label, names) in [("all \(all.count)", all), ("four", few)] {
    var best = Double.infinity
    var bytes = 0
    for _ in 0..<7 {
        let begin = clock.now
        bytes =
            DetectorBenchmark.scan(
                DetectorBenchmark.cells, with: tables, enabled: tables.set(of: names), rounds: 20_000
            ).bytes
        best = min(best, (clock.now - begin) / .seconds(1))
    }
    print("short mixed cells, \(label): \(Int(Double(bytes) / best / 1e6)) MB/s")
}

import BenchmarkRows
import Glibc
import Policy
import PolicyCompiler

// Bytes a second that detectors look through, on one core and cell by cell, beside Vectorscan with the same patterns on the same
// cells, by turns. Its best of two ways to write the patterns counts.
let clock = ContinuousClock()

/// Texts one behind the other, as they lie in a buffer of rows.
struct Cells {
    var bytes: [UInt8] = []
    var ends: [Int] = []
    var columns: [String] = []

    init(_ cells: [(column: String, text: String)]) {
        for cell in cells {
            bytes += Array(cell.text.utf8)
            ends.append(bytes.count)
            columns.append(cell.column)
        }
    }
}

func ours(_ cells: Cells, _ tables: DetectorTables, _ names: [String]) -> () -> Int {
    var selections: [DetectorSelection] = []
    var numbers: [String: Int] = [:]
    let which = cells.columns.map { column in
        if let number = numbers[column] { return number }
        numbers[column] = selections.count
        selections.append(tables.selection(of: tables.set(of: names), columnName: column.isEmpty ? nil : column))
        return selections.count - 1
    }
    var findings = DetectorFindings()
    return {
        let span = cells.bytes.span
        var found = 0
        var start = 0
        for index in cells.ends.indices {
            let end = cells.ends[index]
            tables.scan(span.extracting(start..<end), with: selections[which[index]], into: &findings)
            found += findings.findings.count
            start = end
        }
        return found
    }
}

func theirs(_ cells: Cells, _ engine: Vectorscan) -> () -> Int {
    {
        cells.bytes.withUnsafeBufferPointer { bytes in
            var found = 0
            var start = 0
            for end in cells.ends {
                if end > start { found += engine.scan(UnsafeBufferPointer(rebasing: bytes[start..<end])) }
                start = end
            }
            return found
        }
    }
}

/// Seconds that this process has had a core for: the machine may have other work.
func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Megabytes a second of each, the best of rounds by turns.
func measure(_ bytes: Int, _ works: [() -> Int]) -> [Double] {
    var best = works.map { _ in Double.infinity }
    let turns = max(1, 4_000_000 / bytes)
    for _ in 0..<9 {
        for (index, work) in works.enumerated() {
            let begin = cpuSeconds()
            for _ in 0..<turns { blackHole(work()) }
            best[index] = min(best[index], (cpuSeconds() - begin) / Double(turns))
        }
    }
    return best.map { Double(bytes) / $0 / 1e6 }
}

@inline(never) func blackHole(_ value: Int) {}

let all = BuiltInDetectors.names
let start = clock.now
let tables = try DetectorTables(validating: DetectorCompiler.compile(enabled: all, custom: []))
print("compiling \(all.count) detectors: \((clock.now - start) / .milliseconds(1)) ms")
let patterns = BuiltInDetectors.patterns.values.flatMap { $0 }.sorted()
let engines = ["", "\\b"].compactMap { Vectorscan(patterns, prefix: $0) }
for engine in engines where engine.refused > 0 {
    print("Vectorscan goes without \(engine.refused) of \(patterns.count) patterns")
}

let shop = ShopCells(rows: 2_000)
let works: [(name: String, cells: [(column: String, text: String)], target: Double?)] = [
    ("the shop's unmasked columns", shop.unmasked.map { ($0.column, $0.text) }, 500),
    ("all of the shop's columns", shop.all.map { ($0.column, $0.text) }, nil),
    ("short mixed cells", DetectorBenchmark.cells.map { ("", $0) }, nil),
]
var rows: [BenchmarkRow] = []
for work in works {
    let cells = Cells(work.cells)
    let speeds = measure(
        cells.bytes.count,
        [ours(cells, tables, all), ours(cells, tables, ["us-ssn", "credit-card", "email", "phone"])]
            + engines.map { theirs(cells, $0) })
    let vectorscan = speeds[2...].max() ?? 0
    print(
        "\(work.name): \(Int(speeds[0])) MB/s with all, \(Int(speeds[1])) MB/s with four; "
            + "Vectorscan \(speeds[2...].map { "\(Int($0))" }.joined(separator: " and ")) MB/s")
    rows.append(
        BenchmarkRow(
            "detectors, all \(all.count), on \(work.name)", ours: speeds[0], unit: "MB/s", target: work.target,
            better: .higher))
    if vectorscan > 0 {
        rows.append(
            BenchmarkRow(
                "detectors beside Vectorscan on \(work.name)", ours: speeds[0], unit: "MB/s",
                other: (name: "Vectorscan", value: vectorscan), target: 2, better: .higher))
    }
}
try rows.writeWhereAsked()

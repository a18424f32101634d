// What a record costs the collector's store: CPU, and bytes on the disk, of records that are alike but for their parameter, as an
// agent's are that prepares its statements, and of records of which no two have the same text; and a page of a search among them.
//
//   ingest-bench [--records N] [--only NAME] [--json FILE]

import BenchmarkRows
@_spi(Benchmarks) import Collector
import Foundation
import Records
import SwiftProtobuf

/// Sixteen sessions of one sidecar that ask by turns.
struct Evidence {
    let isAlike: Bool
    private var chains: [SessionChain]
    private var numbers: [UInt64]
    private var state: UInt64 = 0x2545_F491_4F6C_DD1D
    private var time: Int64 = 1_800_000_000_000_000
    private static let digest = Data((0..<32).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ 11) })

    init(isAlike: Bool, sessions: Int = 16) {
        self.isAlike = isAlike
        chains = (0..<sessions).map { SessionChain(sessionID: RecordID(at: 1_800_000_000_000_000 + Int64($0))) }
        numbers = Array(repeating: 0, count: sessions)
    }

    mutating func opening() throws -> [[UInt8]] {
        try chains.indices.map { index in
            try chains[index].seal(
                .sessionOpened(
                    .with {
                        $0.subject.id = "ann"
                        $0.subject.issuer = "https://login.stile.test"
                        $0.resource = "bench"
                        $0.protocol = "postgres"
                    }), id: nil, time: time
            ).bytes
        }
    }

    mutating func next() throws -> [UInt8] {
        let random = draw()
        let index = Int(random % UInt64(chains.count))
        numbers[index] += 1
        time += Int64(random >> 40 & 63) + 30
        let (account, duration) = (String(draw() % 100_000 + 1), draw() % 300 + 40)
        let (low, high) = (draw(), draw())
        let event = PBStatementRun.with {
            $0.judged.statement = numbers[index]
            $0.judged.text =
                isAlike
                ? "SELECT abalance FROM pgbench_accounts WHERE aid = $1"
                : "SELECT abalance FROM pgbench_accounts WHERE aid = \(account) AND filler <> '\(String(low ^ high << 32, radix: 36))'"
            $0.judged.fingerprint = 0x9F3A_55C1_7D20_44E8
            if isAlike { $0.judged.parameters = [account] }
            $0.judged.verbs = ["select"]
            $0.judged.objects = ["public.pgbench_accounts"]
            $0.judged.outcome = .allow
            $0.judged.rules = ["pgbench"]
            $0.judged.policyDigest = Self.digest
            $0.completed.tag = "SELECT 1"
            $0.completed.rows = 1
            $0.completed.bytes = 17
            $0.completed.durationUs = duration
        }
        return try chains[index].seal(.statementRun(event), id: nil, time: time).bytes
    }

    private mutating func draw() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state >> 8
    }
}

/// Of this process, threads and kernel included.
func cpuMicroseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
}

func option(_ name: String) -> String? {
    let arguments = CommandLine.arguments
    guard let flag = arguments.firstIndex(of: name), flag + 1 < arguments.count else { return nil }
    return arguments[flag + 1]
}

/// As many as gather in 50 ms at 16,000 a second: a batch.
let batchSize = 800
let count = option("--records").flatMap(Int.init) ?? 50_000
var rows: [BenchmarkRow] = []
for (name, isAlike) in [("alike", true), ("distinct", false)] where option("--only") ?? name == name {
    let folder = FileManager.default.temporaryDirectory.appending(path: "ingest-bench-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try EvidenceStore(directory: folder)
    var evidence = Evidence(isAlike: isAlike)
    _ = try store.take(try evidence.opening(), from: "sidecar-1")
    let before = try store.byteCount()
    var (spent, stored, written) = (0.0, 0, 0)
    while stored < count {
        let batch = try (0..<min(batchSize, count - stored)).map { _ in try evidence.next() }
        written += batch.reduce(0) { $0 + $1.count }
        let start = cpuMicroseconds()
        stored += try store.take(batch, from: "sidecar-1")
        spent += cpuMicroseconds() - start
    }
    let bytes = Double(try store.byteCount() - before) / Double(stored)
    let cpu = spent / Double(stored)
    // Each finds all there is, and shows the newest.
    var search = RecordQuery()
    search.text = "pgbench_accounts"
    search.rule = "pgbench"
    let start = cpuMicroseconds()
    let found = try store.find(search, order: .newest, cursor: nil, limit: 50).count
    let searching = (cpuMicroseconds() - start) / 1e3
    store.close()
    print(
        "\(name): \((cpu * 10).rounded() / 10) µs of CPU and \(Int(bytes)) bytes a record of \(written / stored); "
            + "a page of \(found) of \(stored) in \((searching * 10).rounded() / 10) ms")
    rows.append(BenchmarkRow("CPU of storing a record, \(name)", ours: cpu, unit: "µs"))
    rows.append(
        BenchmarkRow(
            "bytes of the store a record, \(name)", ours: bytes, unit: "bytes",
            other: (name: "the record itself", value: Double(written) / Double(stored))))
    rows.append(
        BenchmarkRow("a page of 50 of all that was stored, by text and rule, \(name)", ours: searching, unit: "ms"))
}
try rows.writeWhereAsked()

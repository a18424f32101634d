// What reading and writing HTTP/1 costs, without any socket: nanoseconds, instructions and allocations a message.
// `--loop NAME` runs one of them for ever, for a profiler.

import BenchmarkRows
import CCounters
import HTTPInspection
import Policy
import WireBytes

/// A piece of work, and what must come of it.
struct Work {
    let name: String
    let run: () throws -> Int
}

/// What a browser's fetch or a library of an agent's language sends: 12 fields, about 400 bytes.
let request = Array(
    """
    GET /v1/customers/4711/orders?status=open&limit=50 HTTP/1.1\r
    Host: api.internal.example:8443\r
    User-Agent: python-requests/2.32.3\r
    Accept-Encoding: gzip, deflate, br\r
    Accept: application/json\r
    Connection: keep-alive\r
    Authorization: Bearer 0123456789abcdef0123456789abcdef0123456789abcdef\r
    X-Request-Id: 5b1c1f0e-4c3a-4d9c-9c64-2f6a5d2b9a11\r
    traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r
    Cache-Control: no-cache\r
    Content-Type: application/json\r
    Content-Length: 0\r
    Pragma: no-cache\r
    \r

    """.utf8)
let response =
    Array(
        """
        HTTP/1.1 200 OK\r
        Server: nginx/1.22.1\r
        Date: Sun, 22 Nov 2026 21:00:00 GMT\r
        Content-Type: application/json; charset=utf-8\r
        Content-Length: 1024\r
        Connection: keep-alive\r
        ETag: "0123456789abcdef"\r
        Vary: Accept-Encoding\r
        \r

        """.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 1_024)
let chunks =
    Array("POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    + Array(repeating: Array("1000\r\n".utf8) + [UInt8](repeating: 120, count: 4_096) + [13, 10], count: 16).joined()
    + Array("0\r\n\r\n".utf8)

/// Parts of a connection that is kept.
final class Client {
    var decoder = HTTP1RequestDecoder()
    var input = InputBuffer()
    let stream: [UInt8]
    var last: HTTPRequestHead?

    init(_ stream: [UInt8]) {
        self.stream = stream
    }

    func read() throws -> Int {
        let stream = stream
        input.append(stream.span)
        var parts = 0
        while let part = try decoder.next(in: &input) {
            if case .head(let head, _) = part { last = head }
            parts += 1
        }
        return parts
    }
}

final class Server {
    var decoder = HTTP1ResponseDecoder()
    var input = InputBuffer()
    let stream = response

    func read() throws -> Int {
        decoder.expect(.ordinary)
        let stream = stream
        input.append(stream.span)
        var parts = 0
        while try decoder.next(in: &input) != nil { parts += 1 }
        return parts
    }
}

let plain = Client(request)
let chunked = Client(chunks)
let server = Server()
_ = try plain.read()
guard let head = plain.last else { fatalError("the request was not read") }
var output: [UInt8] = []
output.reserveCapacity(4_096)

let bodies = try BodyWorks()
let selection = bodies.tables.selection(of: bodies.tables.set(of: bodies.tables.names))
var findings = DetectorFindings()
var masked: [UInt8] = []

let works = [
    Work(name: "read a request of \(request.count) bytes") { try plain.read() },
    Work(name: "read a response of 1 KiB") { try server.read() },
    Work(name: "read 64 KiB in 16 chunks") { try chunked.read() },
    Work(name: "decode path and query") {
        guard let pairs = try head.target.query()?.pairs().pairs else { return 0 }
        return head.target.path().segments.count + pairs.count
    },
    Work(name: "make the request that is passed on") { try ForwardedHead.request(head).fields.count },
    Work(name: "write the request") {
        output.removeAll(keepingCapacity: true)
        var encoder = HTTP1Encoder()
        try encoder.head(head, .length(0), into: &output)
        try encoder.end(into: &output)
        return output.count
    },
]

struct Cost {
    var nanoseconds: Double
    var instructions: Double
    var allocations: Double
}

func measure(_ work: Work) throws -> Cost {
    guard try work.run() > 0 else { fatalError("\(work.name): nothing came of it") }
    for _ in 0..<2_000 { _ = try work.run() }
    let (calls, batches) = (2_000, 21)
    var times: [Double] = []
    let clock = ContinuousClock()
    let (allocations, instructions) = (counters_allocations(), counters_instructions())
    for _ in 0..<batches {
        let start = clock.now
        for _ in 0..<calls { _ = try work.run() }
        let time = clock.now - start
        times.append(Double(time.components.attoseconds) / 1e9 / Double(calls))
    }
    let total = Double(calls * batches)
    return Cost(
        nanoseconds: times.sorted()[batches / 2],
        instructions: Double(counters_instructions() - instructions) / total,
        allocations: Double(counters_allocations() - allocations) / total)
}

func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
}

if let flag = CommandLine.arguments.firstIndex(of: "--loop"), flag + 1 < CommandLine.arguments.count {
    let name = CommandLine.arguments[flag + 1]
    guard let work = works.first(where: { $0.name.hasPrefix(name) }) else { fatalError("no \(name)") }
    while true { _ = try work.run() }
}

print(padded("HTTP/1", 40) + padded("ns", 10) + padded("instructions", 14) + "allocations")
var rows: [BenchmarkRow] = []
for work in works {
    let cost = try measure(work)
    print(
        padded(work.name, 40) + padded("\(Int(cost.nanoseconds))", 10) + padded("\(Int(cost.instructions))", 14)
            + "\((cost.allocations * 10).rounded() / 10)")
    rows.append(BenchmarkRow("HTTP/1: \(work.name)", ours: cost.nanoseconds, unit: "ns"))
    rows.append(BenchmarkRow("HTTP/1: \(work.name), allocations", ours: cost.allocations, unit: "allocations"))
}

// Megabytes a second, the best of rounds by turns.
print("\n" + padded("bodies of 100 KB", 40) + padded("masked", 10) + padded("detectors", 12) + "copied, MB/s")
for (name, bytes) in bodies.bodies {
    let turns: [() throws -> Int] = [
        { try bodies.mask(bytes, into: &masked) }, { bodies.scan(bytes, selection, into: &findings) },
        {
            masked.removeAll(keepingCapacity: true)
            masked += bytes
            return masked.count
        },
    ]
    var best = turns.map { _ in Double.infinity }
    let clock = ContinuousClock()
    for _ in 0..<15 {
        for (index, turn) in turns.enumerated() {
            let start = clock.now
            for _ in 0..<50 { _ = try turn() }
            best[index] = min(best[index], Double((clock.now - start).components.attoseconds) / 1e18 / 50)
        }
    }
    let speeds = best.map { Double(bytes.count) / $0 / 1e6 }
    print(padded(name, 40) + padded("\(Int(speeds[0]))", 10) + padded("\(Int(speeds[1]))", 12) + "\(Int(speeds[2]))")
    rows.append(BenchmarkRow("HTTP bodies: masking JSON (\(name))", ours: speeds[0], unit: "MB/s"))
    rows.append(BenchmarkRow("HTTP bodies: detectors alone (\(name))", ours: speeds[1], unit: "MB/s"))
}
try rows.writeWhereAsked()

// What evidence costs a plain statement, in memory and without a network: nanoseconds, instructions and allocations of writing it
// and of packing it for the collector, and its bytes on the wire; beside the same evidence as SwiftProtobuf messages, two
// records a statement, as they are.

import BenchmarkRows
import CCounters
import FoundationEssentials
import Records
import SwiftProtobuf

struct Cost {
    var nanoseconds = 0.0
    var instructions = 0.0
    var allocations = 0.0
}

func measure(statements: Int, rounds: Int = 15, _ body: () throws -> Void) rethrows -> Cost {
    try body()
    var times: [Double] = []
    let clock = ContinuousClock()
    let (allocations, instructions) = (counters_allocations(), counters_instructions())
    for _ in 0..<rounds {
        let time = try clock.measure(body)
        times.append(
            (Double(time.components.seconds) * 1e9 + Double(time.components.attoseconds) / 1e9) / Double(statements))
    }
    let total = Double(statements * rounds)
    return Cost(
        nanoseconds: times.sorted()[rounds / 2],
        instructions: Double(counters_instructions() - instructions) / total,
        allocations: Double(counters_allocations() - allocations) / total)
}

/// A segment in memory, written as the spool writes its own.
struct Segment {
    var bytes: [UInt8]
    var end = 0
    let framing = SegmentFraming(SegmentHeader(number: 1, created: 1, salt: 7))

    init(capacity: Int) { bytes = [UInt8](repeating: 0, count: capacity) }

    mutating func append(_ count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
        let (start, framing) = (end, framing)
        bytes.withUnsafeMutableBytes { all in
            let content = UnsafeMutableRawBufferPointer(rebasing: all[start + 8..<start + 8 + count])
            fill(content)
            let head = framing.head(of: Span(_unsafeBytes: UnsafeRawBufferPointer(content)), kind: .record) ?? 0
            all.storeBytes(of: head.littleEndian, toByteOffset: start, as: UInt64.self)
        }
        end += SegmentFrame.byteCount(contentByteCount: count)
    }

    var ranges: [Range<Int>] {
        var ranges: [Range<Int>] = []
        var offset = 0
        while offset < end, let frame = framing.frame(in: bytes, at: offset) {
            ranges.append(frame.content)
            offset = frame.end
        }
        return ranges
    }
}

/// As many as gather in 50 ms at 16,000 a second: a batch.
let statements = 800

func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(1, width - text.count)) }

func show(_ name: String, _ cost: Cost) {
    print(
        padded(name, 52) + padded("\(Int(cost.nanoseconds)) ns", 10)
            + padded("\(Int(cost.instructions)) instructions", 20)
            + "\((cost.allocations * 100).rounded() / 100) allocations")
}

var rows: [BenchmarkRow] = []
for workload in Workload.all {
    var sessions = Sessions()
    var buffer = EventBuffer()
    var segment = Segment(capacity: 1 << 20)
    func write() {
        segment.end = 0
        for _ in 0..<statements {
            let (session, statement) = sessions.next()
            buffer.removeAll()
            let event = workload.append(statement, to: &buffer)
            sessions.withChain(session) { chain in
                guard
                    let count = try? chain.byteCount(
                        of: event.kind, message: event.range.count, id: nil, time: statement.time)
                else { return }
                segment.append(count) { memory in
                    buffer.withMessage(of: event) { message in
                        message.withUnsafeBytes {
                            chain.seal(event.kind, message: $0, id: nil, time: statement.time, into: memory)
                        }
                    }
                }
            }
        }
    }
    let writing = measure(statements: statements, write)
    show("\(workload.name): encoded, hashed and framed", writing)

    // One batch after another on the same connection: what a sidecar does all day.
    let segments = (0..<17).map { _ in
        write()
        return segment
    }
    let ranges = segment.ranges
    let recordBytes = ranges.reduce(0) { $0 + $1.count }
    var encoder = try BatchEncoder()
    var batch = try encoder.encode(segments[0].bytes, segments[0].ranges)
    var (turn, batches, payloadBytes, packedBytes) = (0, 0, 0, 0)
    let packing = try measure(statements: statements) {
        turn += 1
        let next = segments[turn]
        batch = try encoder.encode(next.bytes, next.ranges)
        batches += 1
        payloadBytes += batch.size
        packedBytes += batch.content.count
    }
    show("\(workload.name): read back, checked and packed", packing)

    // One statement a batch, with others before it: what is sent when an agent asks now and then.
    var single = try BatchEncoder()
    var singleBytes = 0
    for range in ranges { singleBytes += try single.encode(segment.bytes, [range]).content.count }
    // A batch that is the first of its connection.
    var fresh: [(level: Int32, bytes: Double, nanoseconds: Double)] = []
    for level in [-5, -1, 1, 3] as [Int32] {
        var size = 0
        let cost = try measure(statements: statements, rounds: 5) {
            var encoder = try BatchEncoder(level: level)
            size = try encoder.encode(segment.bytes, ranges).content.count
        }
        fresh.append((level, Double(size) / Double(statements), cost.nanoseconds))
    }

    var plain = Sessions()
    var plainSegment = Segment(capacity: 2 << 20)
    let asMessages = try measure(statements: statements) {
        plainSegment.end = 0
        for _ in 0..<statements {
            let (session, statement) = plain.next()
            let (judged, completed) = workload.messages(of: statement)
            for event in [PBRecord.OneOf_Event.statement(judged), .completed(completed)] {
                let record = try plain.withChain(session) { chain in
                    Result { try chain.seal(event, id: RecordID(at: statement.time), time: statement.time) }
                }.get()
                plainSegment.append(record.bytes.count) { $0.copyBytes(from: record.bytes) }
            }
        }
    }
    show("\(workload.name): as two records of SwiftProtobuf", asMessages)
    let plainBytes = plainSegment.ranges.reduce(0) { $0 + $1.count }
    let copying = measure(statements: statements) {
        _ = plainSegment.ranges.map { Data(plainSegment.bytes[$0]) }
    }
    show("\(workload.name): read back and sent as they are", copying)

    let perRun = { (bytes: Int) in (Double(bytes) / Double(statements * batches) * 10).rounded() / 10 }
    let perStatement = { (bytes: Int) in (Double(bytes) / Double(statements) * 10).rounded() / 10 }
    print(
        "\(workload.name): bytes a statement: \(perStatement(plainBytes)) as two records, \(perStatement(recordBytes)) as one, "
            + "\(perRun(payloadBytes)) without what can be told, \(perRun(packedBytes)) compressed; "
            + "\(perStatement(singleBytes)) alone in its batch")
    for (level, bytes, nanoseconds) in fresh {
        print(
            "\(workload.name): a first batch at level \(level): \((bytes * 10).rounded() / 10) bytes a statement, "
                + "\(Int(nanoseconds)) ns")
    }
    rows.append(
        BenchmarkRow(
            "evidence of a plain statement on the wire, \(workload.name)", ours: perRun(packedBytes),
            unit: "bytes", target: 150))
    rows.append(
        BenchmarkRow(
            "the same, one statement a batch, \(workload.name)", ours: perStatement(singleBytes), unit: "bytes",
            target: 150))
    rows.append(
        BenchmarkRow(
            "CPU of a statement's evidence, written and packed, \(workload.name)",
            ours: writing.nanoseconds + packing.nanoseconds, unit: "ns",
            other: (name: "SwiftProtobuf, two records as they are", value: asMessages.nanoseconds + copying.nanoseconds)
        ))
    rows.append(
        BenchmarkRow(
            "allocations of it, \(workload.name)", ours: writing.allocations + packing.allocations, unit: "allocations",
            other: (name: "SwiftProtobuf, two records as they are", value: asMessages.allocations + copying.allocations)
        ))
}
try rows.writeWhereAsked()

import Collector
import Foundation
import GRPCCore
import Records
import SwiftProtobuf
import TestKit
import Testing
import UplinkProtocol

/// Batches as sidecars send them, and the record that says all of a plain statement.
@Suite struct PackedBatchTests {
    private static func pack(_ encoder: inout BatchEncoder, _ records: ArraySlice<[UInt8]>) throws -> BatchEncoder.Batch
    {
        var ranges: [Range<Int>] = []
        var bytes: [UInt8] = []
        for record in records {
            ranges.append(bytes.count..<bytes.count + record.count)
            bytes += record
        }
        return try encoder.encode(bytes, ranges)
    }

    @Test func `A session that came packed verifies, and a statement in one record counts and is found as two`()
        async throws
    {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let client = try sidecar.connect(collector)
            var session = try SampleSession()
            try session.addStatement(1, "SELECT ssn FROM shop.customers WHERE id = 7")
            try session.addRun(2, "SELECT card FROM shop.orders WHERE id = 7")
            try session.close(sidecar.signer)
            var encoder = try BatchEncoder()
            client.send(batch: 1, packed: try Self.pack(&encoder, session.bytes[..<2]))
            client.send(batch: 2, packed: try Self.pack(&encoder, session.bytes[2...]))
            try await client.stored(2)
            let token = try await collector.auditor()
            let view = try await collector.get("/v1/sessions/\(session.uuid)", token: token, as: SessionView.self)
            #expect(view.records == 5)
            #expect(view.statements == 2 && view.rows == 5 && view.bytes == 200 && view.maskedValues == 5)
            #expect(view.intact && view.signature == .verified)
            let result = try await collector.get(
                "/v1/sessions/\(session.uuid)/verify", token: token, as: VerificationView.self)
            #expect(result.verified, "\(result.problems)")

            for (query, count) in [
                ("kind=statement", 2), ("kind=completed", 2), ("kind=statement-run", 1), ("verdict=allow", 2),
                ("table=orders", 1), ("classification=cards", 1), ("text=card%20FROM", 1), ("rule=assistants-read", 2),
            ] {
                let found = try await collector.get("/v1/records?\(query)", token: token, as: Page<RecordView>.self)
                #expect(found.items.count == count, "\(query)")
            }
            // By the id that it does not carry.
            let run = session.records[3]
            #expect(run.id == RecordID(derivedFrom: session.id, sequence: 3))
            let record = try await collector.get("/v1/records/\(run.id)", token: token, as: RecordView.self)
            #expect(record.kind == .statementRun)
            #expect(record.statement?.text == "SELECT card FROM shop.orders WHERE id = 7")
            #expect(record.statement?.number == 2)
            #expect(record.completed?.statement == 2)
            #expect(record.completed?.rows == 2)
            try await client.close()
        }
    }

    @Test
    func `A batch that was tampered with is refused, nothing of it is stored, and its records are taken as they are`()
        async throws
    {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let session = try SampleSession.complete(sidecar.signer)
            var encoder = try BatchEncoder()
            let whole = try Self.pack(&encoder, session.bytes[...])
            var content = whole.content
            content[content.count / 2] ^= 1
            let first = try sidecar.connect(collector)
            first.send(
                .with {
                    $0.records.batch = 1
                    $0.records.encoding = BatchLimits.encoding
                    $0.records.size = UInt32(whole.size)
                    $0.records.content = Data(content)
                })
            let failure = try await first.failure() as? RPCError
            #expect(failure?.code == .dataLoss)
            let token = try await collector.auditor()
            #expect(try await collector.get("/v1/records", token: token, as: Page<RecordView>.self).items.isEmpty)

            let second = try sidecar.connect(collector)
            second.send(batch: 1, session.bytes)
            try await second.stored(1)
            let view = try await collector.get("/v1/sessions/\(session.uuid)", token: token, as: SessionView.self)
            #expect(view.intact && view.signature == .verified)
            try await second.close()
        }
    }

    @Test func `A few bytes that claim to be a great many are refused before anything is allocated`() async throws {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let client = try sidecar.connect(collector)
            client.send(
                .with {
                    $0.records.batch = 1
                    $0.records.encoding = BatchLimits.encoding
                    $0.records.size = .max
                    $0.records.content = Data([0x28, 0xB5, 0x2F, 0xFD])
                })
            let failure = try await client.failure() as? RPCError
            #expect(failure?.code == .dataLoss)
        }
    }

    @Test func `A batch of a newer encoding is refused with what to do about it`() async throws {
        try await RunningCollector.with { collector in
            let sidecar = try TestSidecar(collector.authority)
            let client = try sidecar.connect(collector)
            var encoder = try BatchEncoder()
            client.send(
                batch: 1, packed: try Self.pack(&encoder, [[1, 2, 3]]), encoding: BatchLimits.encoding + 1)
            let failure = try await client.failure() as? RPCError
            #expect(failure?.code == .failedPrecondition)
            #expect(failure?.message.contains("upgrade the collector") == true)
        }
    }
}

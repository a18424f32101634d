import Crypto
import Records
import SwiftProtobuf

/// Records and spool segments of any bytes are refused or read, and no edit of a signed chain goes unseen.
enum RecordDecoderHarness {
    static func run(_ input: [UInt8]) throws(Violation) {
        var input = FuzzInput(input)
        switch input.number(below: 7) {
        case 0: check(raw: &input)
        case 1: try check(edited: edited(&input))
        case 2: try recover(edited: &input)
        case 3: try recover(raw: input.rest())
        case 4: try pack(edited(&input).filter { !$0.isEmpty })
        case 5: try unpack(payload: &input)
        default: try unpack(frame: &input)
        }
    }

    // MARK: Chains

    private static func check(raw input: inout FuzzInput) {
        var verifier = ChainVerifier { $0 == SampleChain.key.id ? SampleChain.key : nil }
        while !input.isAtEnd {
            let record = input.take(Int(input.byte()) << 8 | Int(input.byte()))
            _ = verifier.check(record).map(\.description)
            if let sealed = try? SealedRecord(bytes: record) { _ = try? PBRecord(serializedBytes: sealed.bytes) }
            if let state = verifier.current {
                verifier = ChainVerifier(resuming: state, isClosed: verifier.isClosed) {
                    $0 == SampleChain.key.id ? SampleChain.key : nil
                }
            }
        }
    }

    /// Removes, repeats, exchanges, cuts and alters records of a chain that is whole.
    private static func edited(_ input: inout FuzzInput) -> [[UInt8]] {
        var records = SampleChain.records
        while !input.isAtEnd, !records.isEmpty {
            let kind = input.byte()
            let index = input.number(below: records.count)
            switch kind % 6 {
            case 0: records.remove(at: index)
            case 1: records.insert(records[index], at: input.number(below: records.count))
            case 2: records.swapAt(index, input.number(below: records.count))
            case 3 where !records[index].isEmpty:
                records[index][input.number(below: records[index].count)] ^= input.byte()
            case 4: records[index].removeLast(min(records[index].count, Int(input.byte())))
            default: records[index].append(contentsOf: input.string())
            }
        }
        return records
    }

    private static func check(edited records: [[UInt8]]) throws(Violation) {
        var verifier = ChainVerifier { $0 == SampleChain.key.id ? SampleChain.key : nil }
        var faults: [ChainFault] = []
        for record in records { faults += verifier.check(record) }
        faults += verifier.finish()
        let isWhole = records == SampleChain.records
        try Violation.unless(isWhole == faults.isEmpty, "an edit of a chain went unseen, or none was seen as one")
        try Violation.unless(isWhole || !verifier.isSigned, "an edited chain counts as signed")
    }

    // MARK: Batches

    /// Records that are packed, whatever they are, are restored to the byte, or refused.
    private static func pack(_ records: [[UInt8]]) throws(Violation) {
        do throws(RecordError) {
            var encoder = try BatchEncoder()
            var decoder = try BatchDecoder()
            // Two batches: the second leaves out what the first has said.
            for part in [records.prefix(2), records.dropFirst(2)] {
                var bytes: [UInt8] = []
                var ranges: [Range<Int>] = []
                for record in part {
                    ranges.append(bytes.count..<(bytes.count + record.count))
                    bytes += record
                }
                let batch = try encoder.encode(bytes, ranges)
                let restored = try decoder.decode(batch.content, size: batch.size)
                if restored.map(\.bytes) != Array(part) { throw RecordError(.closed, "other records") }
                if restored.map(\.hash) != part.map({ RecordHash(of: $0) }) {
                    throw RecordError(.closed, "other hashes")
                }
            }
        } catch {
            // What does not follow from the record before cannot be packed.
            try Violation.unless(
                error.code == .malformed && records != SampleChain.records, "a batch restores something else: \(error)")
        }
    }

    /// Payloads of one connection, compressed as a sidecar would that means harm.
    private static func unpack(payload input: inout FuzzInput) throws(Violation) {
        guard let compressor = try? ZstandardCompressor(level: 1), var decoder = try? BatchDecoder() else { return }
        while !input.isAtEnd {
            let payload = input.take(Int(input.byte()) << 8 | Int(input.byte()))
            guard let frame = try? compressor.compress(payload, history: []) else { return }
            guard let records = try? decoder.decode(frame, size: payload.count) else { return }
            for record in records {
                try Violation.unless(record.hash == RecordHash(of: record.bytes), "a record has another hash")
            }
        }
    }

    private static func unpack(frame input: inout FuzzInput) throws(Violation) {
        guard var decoder = try? BatchDecoder() else { return }
        let size = Int(input.byte()) << 16 | Int(input.byte()) << 8 | Int(input.byte())
        _ = try? decoder.decode(input.rest(), size: size)
    }

    // MARK: Segments

    private static func recover(edited input: inout FuzzInput) throws(Violation) {
        var segment = SampleChain.segment
        while !input.isAtEnd {
            let kind = input.byte()
            switch kind % 4 {
            case 0: segment[input.number(below: segment.count)] ^= input.byte()
            case 1:
                let start = input.number(below: segment.count)
                for index in start..<min(segment.count, start + Int(input.byte())) { segment[index] = 0 }
            case 2:
                segment.removeLast(min(input.number(below: segment.count), segment.count - SegmentHeader.byteCount))
            default: segment.append(contentsOf: input.string())
            }
        }
        try recover(raw: segment)
    }

    /// Every byte is accounted for, and what is whole is what was written.
    private static func recover(raw segment: [UInt8]) throws(Violation) {
        guard let header = SegmentHeader(of: segment) else { return }
        try Violation.unless(
            SegmentHeader(of: header.encoded) == header, "a segment's header is written as another")
        let recovery = SegmentRecovery(of: segment, framing: SegmentFraming(header))
        var end = SegmentHeader.byteCount
        for frame in recovery.frames {
            try Violation.unless(frame.content.lowerBound >= end, "two frames lie over one another")
            try Violation.unless(frame.content.upperBound <= segment.count, "a frame reaches beyond its segment")
            end = frame.content.upperBound
            switch frame.kind {
            case .record: _ = try? SealedRecord(bytes: Array(segment[frame.content]))
            case .openSession:
                let bytes = Array(segment[frame.content])
                if let state = ChainState(encoded: bytes) {
                    try Violation.unless(state.encoded == bytes, "the state of a chain is written as another")
                }
            }
        }
        try Violation.unless(recovery.end <= segment.count, "a segment ends beyond its bytes")
        for range in recovery.damaged {
            try Violation.unless(range.upperBound <= recovery.end, "damage beyond the last whole frame")
        }
    }
}

/// A whole, signed chain, and a segment that holds it: the same in every run.
enum SampleChain {
    static let key = signer.verificationKey
    static let records: [[UInt8]] = made.map(\.bytes)

    static let signer: SessionSigner = {
        let seed = [UInt8](repeating: 7, count: 32)
        return SessionSigner(
            ed25519: (try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)) ?? Curve25519.Signing.PrivateKey())
    }()

    private static let made: [SealedRecord] = {
        let id = RecordID(high: 0x0192_0000_0000_7000, low: 1)
        var chain = SessionChain(sessionID: id)
        var opened = PBSessionOpened()
        opened.resource = "shop-db"
        var judged = PBStatementJudged()
        judged.statement = 1
        judged.text = "SELECT name FROM customers"
        judged.rules = ["readers"]
        var completed = PBStatementCompleted()
        completed.statement = 1
        completed.tag = "SELECT 3"
        completed.rows = 3
        let events: [PBRecord.OneOf_Event] = [.sessionOpened(opened), .statement(judged), .completed(completed)]
        var records: [SealedRecord] = []
        for (index, event) in events.enumerated() {
            let record = try? chain.seal(
                event, id: RecordID(high: id.high, low: UInt64(index) + 2), time: 1_800_000_000_000_000 + Int64(index))
            if let record { records.append(record) }
        }
        let close = try? chain.close(
            reason: "the client ended the session", statements: 1, rows: 3, id: RecordID(high: id.high, low: 9),
            time: 1_800_000_001_000_000, signer: signer)
        if let close { records.append(close) }
        return records
    }()

    static let segment: [UInt8] = {
        let header = SegmentHeader(number: 1, created: 1_800_000_000_000_000, salt: 0x5EED)
        let framing = SegmentFraming(header)
        var bytes = header.encoded
        for record in records { bytes += framing.frame(record, kind: .record) ?? [] }
        let state = ChainState(sessionID: RecordID(high: 1, low: 2))
        bytes += framing.frame(state.encoded, kind: .openSession) ?? []
        return bytes + [UInt8](repeating: 0, count: 64)
    }()
}

import Crypto
import FoundationEssentials
import Records
import SwiftProtobuf
import TestKit
import Testing

@Suite struct ChainTests {
    @Test(arguments: 0..<20)
    func `a chain of random events verifies, and its close is signed`(seed: UInt64) throws {
        var session = RandomSession(seed: seed)
        let records = try session.records(Int(seed))
        var verifier = session.verifier()
        for record in records { #expect(verifier.check(record.bytes) == []) }
        #expect(verifier.finish() == [])
        #expect(verifier.isClosed)
        #expect(verifier.isSigned)
    }

    @Test func `any flipped bit is found, at its record or the one that follows`() throws {
        var session = RandomSession(seed: 7)
        let records = try session.records(3).map(\.bytes)
        for index in records.indices {
            for bit in 0..<records[index].count * 8 {
                var altered = records
                altered[index][bit / 8] ^= 1 << (bit % 8)
                let faults = session.faults(of: altered)
                #expect(!faults.isEmpty, "record \(index), bit \(bit)")
                #expect(
                    faults.allSatisfy { $0.position == index || $0.position == index + 1 || !$0.breaksChain },
                    "\(faults)")
            }
        }
    }

    @Test(arguments: 0..<8)
    func `any truncation of a record is found`(seed: UInt64) throws {
        var session = RandomSession(seed: seed)
        let records = try session.records(2).map(\.bytes)
        for index in records.indices {
            for length in records[index].indices {
                var altered = records
                altered[index].removeLast(records[index].count - length)
                #expect(session.faults(of: altered).contains { $0.position == index || $0.position == index + 1 })
            }
        }
    }

    @Test func `a removed record is named`() throws {
        var session = RandomSession(seed: 3)
        let records = try session.records(6).map(\.bytes)
        for index in 0..<records.count - 1 {
            var altered = records
            altered.remove(at: index)
            #expect(
                session.faults(of: altered) == [
                    ChainFault(
                        .gap(expected: UInt64(index), found: UInt64(index + 1)), position: index,
                        sequence: UInt64(index + 1))
                ])
        }
    }

    @Test func `a chain without its last record has no close`() throws {
        var session = RandomSession(seed: 4)
        let records = try session.records(6).map(\.bytes)
        for length in 1..<records.count {
            #expect(
                session.faults(of: Array(records[..<length])) == [
                    ChainFault(.notClosed, position: length, sequence: UInt64(length))
                ])
        }
    }

    @Test func `exchanged records are named, each by what it broke`() throws {
        var session = RandomSession(seed: 5)
        var records = try session.records(6).map(\.bytes)
        records.swapAt(3, 4)
        #expect(
            session.faults(of: records).filter(\.breaksChain) == [
                ChainFault(.gap(expected: 3, found: 4), position: 3, sequence: 4),
                ChainFault(.repeated, position: 4, sequence: 3),
            ])
    }

    @Test func `a record that is there twice is named`() throws {
        var session = RandomSession(seed: 6)
        var records = try session.records(4).map(\.bytes)
        records.insert(records[2], at: 3)
        #expect(session.faults(of: records) == [ChainFault(.repeated, position: 3, sequence: 2)])
    }

    @Test func `a record of another session is named and does not disturb the chain`() throws {
        var session = RandomSession(seed: 8)
        var other = RandomSession(seed: 9)
        var records = try session.records(4).map(\.bytes)
        let foreign = try other.records(4)[2]
        records.insert(foreign.bytes, at: 2)
        #expect(session.faults(of: records) == [ChainFault(.otherSession(other.id), position: 2, sequence: 2)])
    }

    @Test func `a chain forged with another key is signed by an unknown key`() throws {
        let session = RandomSession(seed: 10)
        var forger = RandomSession(seed: 10)
        let records = try forger.records(2).map(\.bytes)
        #expect(
            session.faults(of: records) == [
                ChainFault(.unknownKey(forger.signer.keyID), position: 3, sequence: 3)
            ])
    }

    @Test func `a close that was encoded without its signature is found`() throws {
        var session = RandomSession(seed: 11)
        var records = try session.records(2).map(\.bytes)
        var close = try PBRecord(serializedBytes: records[3])
        close.sessionClosed.signature = Data()
        records[3] = try close.serializedBytes()
        #expect(session.faults(of: records) == [ChainFault(.unsigned, position: 3, sequence: 3)])
    }

    @Test func `the signature covers fields that this version does not know`() throws {
        var session = RandomSession(seed: 12)
        var records = try session.records(2).map(\.bytes)
        var close = try PBRecord(serializedBytes: records[3])
        // Field 15 of the close, a string.
        let inner = try close.sessionClosed.serializedBytes() as [UInt8] + [15 << 3 | 2, 1, 65]
        close.sessionClosed = try PBSessionClosed(serializedBytes: inner)
        records[3] = try close.serializedBytes()
        #expect(session.faults(of: records) == [ChainFault(.badSignature, position: 3, sequence: 3)])
    }

    @Test func `a clock that was set back is told and breaks nothing`() throws {
        var session = RandomSession(seed: 13)
        var chain = SessionChain(sessionID: session.id)
        let records = [
            try chain.seal(.sessionOpened(PBSessionOpened()), id: session.nextID(), time: 5_000_000),
            try chain.seal(.sidecarEvent(PBSidecarEvent()), id: session.nextID(), time: 4_999_000),
        ]
        let faults = session.faults(of: records.map(\.bytes))
        #expect(faults.first == ChainFault(.clockBackwards(microseconds: 1000), position: 1, sequence: 1))
        #expect(faults.allSatisfy { !$0.breaksChain })
    }

    @Test func `nothing follows a close`() throws {
        var session = RandomSession(seed: 14)
        var chain = SessionChain(sessionID: session.id)
        _ = try chain.close(
            reason: "", statements: 0, rows: 0, id: session.nextID(), time: 1, signer: session.signer)
        let state = chain.state
        #expect(throws: RecordError.self) {
            try chain.seal(.sidecarEvent(PBSidecarEvent()), id: session.id, time: 2)
        }
        #expect(chain.state == state)
    }

    @Test func `bytes that are no record behind the close take the signature's word back`() throws {
        var session = RandomSession(seed: 17)
        var verifier = session.verifier()
        for record in try session.records(3) { #expect(verifier.check(record.bytes) == []) }
        #expect(verifier.isSigned)
        #expect(!verifier.check([0xFF]).isEmpty)
        #expect(!verifier.isSigned)
    }

    @Test func `a close is never sealed unsigned`() throws {
        var chain = SessionChain(sessionID: RecordID(at: 0))
        #expect(throws: RecordError.self) {
            try chain.seal(.sessionClosed(PBSessionClosed()), id: RecordID(at: 0), time: 0)
        }
    }

    @Test func `a record beyond the greatest length is refused and leaves no gap`() throws {
        var chain = SessionChain(sessionID: RecordID(at: 0))
        var event = PBStatementCompleted()
        event.response = Data(repeating: 1, count: RecordLimits.maximumRecordBytes)
        #expect(throws: RecordError.self) { try chain.seal(.completed(event), id: RecordID(at: 0), time: 0) }
        #expect(chain.state.nextSequence == 0)
    }

    @Test func `a chain goes on from its kept state`() throws {
        var session = RandomSession(seed: 15)
        var chain = SessionChain(sessionID: session.id)
        var records = [try chain.seal(.sessionOpened(PBSessionOpened()), id: session.nextID(), time: session.time)]
        let state = try #require(ChainState(encoded: chain.state.encoded))
        #expect(state == chain.state)
        var resumed = SessionChain(resuming: state)
        records.append(
            try resumed.close(
                reason: "sidecar restarted", statements: 0, rows: 0, id: session.nextID(), time: session.time,
                signer: session.signer))
        #expect(session.faults(of: records.map(\.bytes)) == [])
    }

    @Test func `a verifier goes on from its kept state`() throws {
        var session = RandomSession(seed: 16)
        let records = try session.records(5).map(\.bytes)
        let key = session.signer.verificationKey
        var verifier = session.verifier()
        for record in records {
            #expect(verifier.check(record) == [])
            let state = try #require(verifier.current)
            verifier = ChainVerifier(resuming: state, isClosed: verifier.isClosed) { $0 == key.id ? key : nil }
        }
        #expect(verifier.finish() == [])
    }

    @Test(arguments: 0..<200)
    func `random bytes are malformed and never trap`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let bytes = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            var verifier = ChainVerifier { _ in nil }
            #expect(!verifier.check(bytes).isEmpty)
        }
    }

    @Test func `sealing and reading back gives the same record`() throws {
        var session = RandomSession(seed: 17)
        for record in try session.records(10) {
            #expect(try SealedRecord(bytes: record.bytes) == record)
            let message = try PBRecord(serializedBytes: record.bytes)
            #expect(Array(message.sessionID) == session.id.bytes)
            #expect(message.sequence == record.sequence)
        }
    }
}

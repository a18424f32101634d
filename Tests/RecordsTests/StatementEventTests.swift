import FoundationEssentials
import Records
import SwiftProtobuf
import Testing

/// What is written without SwiftProtobuf is what SwiftProtobuf would write.
@Suite struct StatementEventTests {
    struct Sample {
        var judged = PBStatementJudged()
        var completed = PBStatementCompleted()
        var evidence: StatementEvidence
        var completion = Completion()
        var parameters = RecordedParameters()

        init(_ random: inout RandomSession) {
            func texts() -> [String] {
                (0..<Int.random(in: 0...3, using: &random.generator)).map { _ in random.text() }
            }
            func number() -> UInt64 {
                random.generator.next() >> UInt64.random(in: 0...64, using: &random.generator)
            }
            judged.statement = number()
            judged.text = random.text()
            judged.textTruncated = Bool.random(using: &random.generator)
            judged.fingerprint = number()
            judged.parameters = texts()
            judged.verbs = texts()
            judged.objects = texts()
            judged.columns = texts()
            judged.classifications = texts()
            judged.outcome = .allow
            judged.rules = texts()
            judged.message = random.text()
            judged.observedRules = texts()
            judged.policyDigest = Data(random.text().utf8)
            judged.features = texts()
            evidence = StatementEvidence(
                StatementEvidence.Text(
                    judged.text, isTruncated: judged.textTruncated, fingerprint: judged.fingerprint),
                StatementEvidence.Judgement(
                    verbs: judged.verbs, objects: judged.objects, columns: judged.columns,
                    classifications: judged.classifications, outcome: judged.outcome, rules: judged.rules,
                    message: judged.message, observedRules: judged.observedRules,
                    policyDigest: Array(judged.policyDigest), features: judged.features))
            for parameter in judged.parameters { parameters.append(Array(parameter.utf8)) }

            completed.tag = random.text()
            completed.rows = number()
            completed.bytes = number()
            completed.sqlstate = random.text()
            completed.durationUs = number()
            completed.response = Data(random.text().utf8)
            completed.responseTruncated = Bool.random(using: &random.generator)
            completed.incomplete = Bool.random(using: &random.generator)
            for _ in 0..<Int.random(in: 0...2, using: &random.generator) {
                var mask = PBMaskApplied()
                mask.column = random.text()
                mask.classification = random.text()
                mask.mask = random.text()
                mask.values = number()
                mask.detector = random.text()
                completed.masks.append(mask)
            }
            completed.withheld = texts().map { Data($0.utf8) }
            completion.withheld = completed.withheld.map { Array($0) }
            completion.tag = Array(completed.tag.utf8)[...]
            completion.rows = completed.rows
            completion.bytes = completed.bytes
            completion.sqlState = completed.sqlstate
            completion.durationMicroseconds = completed.durationUs
            completion.response = Array(completed.response)
            completion.isResponseTruncated = completed.responseTruncated
            completion.isIncomplete = completed.incomplete
            completion.masks = completed.masks.map {
                Completion.Mask(
                    column: Array($0.column.utf8), classification: $0.classification, mask: $0.mask, values: $0.values,
                    detector: $0.detector)
            }
        }
    }

    @Test(arguments: 0..<50)
    func `the events of a statement are what SwiftProtobuf makes of them`(seed: UInt64) throws {
        var random = RandomSession(seed: seed)
        var buffer = EventBuffer()
        for _ in 0..<20 {
            let sample = Sample(&random)
            let run = buffer.appendRun(
                sample.evidence, number: sample.judged.statement, parameters: sample.parameters, sample.completion)
            var message = PBStatementRun()
            message.judged = sample.judged
            message.completed = sample.completed
            #expect(Array(buffer.bytes[run.range]) == (try message.serializedBytes() as [UInt8]))
            #expect(run.kind == .statementRun)
            #expect(try PBStatementRun(serializedBytes: Array(buffer.bytes[run.range])) == message)
            #expect(message.numberedCompletion.statement == sample.judged.statement)

            var approved = sample.judged
            approved.approvalID = random.text()
            let judged = buffer.appendJudged(
                sample.evidence, number: sample.judged.statement, parameters: sample.parameters,
                approvalID: approved.approvalID)
            #expect(Array(buffer.bytes[judged.range]) == (try approved.serializedBytes() as [UInt8]))

            var numbered = sample.completed
            numbered.statement = sample.judged.statement
            let completed = buffer.appendCompleted(number: numbered.statement, sample.completion)
            #expect(Array(buffer.bytes[completed.range]) == (try numbered.serializedBytes() as [UInt8]))
        }
    }

    @Test(arguments: 0..<50)
    func `a record that is sealed in place is the one that SwiftProtobuf makes`(seed: UInt64) throws {
        var random = RandomSession(seed: seed)
        var ours = SessionChain(sessionID: random.id)
        var theirs = ours
        var buffer = EventBuffer()
        for index in 0..<20 {
            let sample = Sample(&random)
            buffer.removeAll()
            let event = buffer.appendRun(
                sample.evidence, number: sample.judged.statement, parameters: sample.parameters, sample.completion)
            // The first record's time is 0, which is not written.
            let time = index == 0 ? 0 : random.time
            let id = Bool.random(using: &random.generator) ? random.nextID() : nil
            let count = try ours.byteCount(of: event.kind, message: event.range.count, id: id, time: time)
            var bytes = [UInt8](repeating: 0xAA, count: count)
            buffer.bytes[event.range].withUnsafeBytes { message in
                bytes.withUnsafeMutableBytes {
                    ours.seal(event.kind, message: message, id: id, time: time, into: $0)
                }
            }
            var message = PBStatementRun()
            message.judged = sample.judged
            message.completed = sample.completed
            let record = try theirs.seal(.statementRun(message), id: id, time: time)
            #expect(bytes == record.bytes)
            #expect(ours == theirs)
            #expect(try SealedRecord(bytes: bytes) == record)
        }
    }

    @Test func `text that is not UTF-8 is mended, so that a record can be read`() throws {
        var parameters = RecordedParameters()
        parameters.append([0x61, 0xFF])
        parameters.append([])
        #expect(parameters.values == ["a\u{FFFD}", ""])
        var end = Completion()
        end.tag = [0x53, 0xC3][...]
        var buffer = EventBuffer()
        let event = buffer.appendCompleted(number: 1, end)
        #expect(try PBStatementCompleted(serializedBytes: Array(buffer.bytes[event.range])).tag == "S\u{FFFD}")
    }

    @Test func `a record too long to be one is refused before it is written, and leaves no gap`() throws {
        var chain = SessionChain(sessionID: RecordID(at: 0))
        #expect(throws: RecordError.self) {
            try chain.byteCount(of: .statementRun, message: RecordLimits.maximumRecordBytes, id: nil, time: 1)
        }
        #expect(throws: RecordError.self) {
            try chain.byteCount(of: .sessionClosed, message: 3, id: nil, time: 1)
        }
        let close = try chain.close(
            reason: "", statements: 0, rows: 0, time: 1, signer: RandomSession(seed: 1).signer)
        #expect(close.id == RecordID(derivedFrom: close.sessionID, sequence: 0))
        #expect(throws: RecordError.self) { try chain.byteCount(of: .statementRun, message: 1, id: nil, time: 1) }
    }
}

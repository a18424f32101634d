import Policy
import PostgresWire
import Records
import SQLInspection
import WireBytes

/// Answers to requests that the lane has taken.
extension PostgresSession {
    /// - Returns: Whether it has taken the answer; else nothing has happened.
    mutating func takeFastAnswer(
        _ bytes: Span<UInt8>, at now: SessionInstant, into output: inout SessionOutput
    ) -> Bool {
        guard !isExpired(at: now), let layout = AnswerLayout(bytes, lane.shape), let entry = lane.entry,
            let result = fastResult(entry, bytes, layout)
        else { return false }
        prepareEvidence(into: &output)
        // Rows of a portal that has none were never planned.
        let isPlanned = lane.shape.isQuery || layout.rowCount > 0
        let keepsResponse = isPlanned && lane.policy.keepsResponses
        var end = RunEnd()
        var sample = FastSample(maximum: lane.policy.longestResponse)
        swap(&sample.bytes, &output.scratch)
        defer { swap(&sample.bytes, &output.scratch) }
        sample.bytes.removeAll(keepingCapacity: true)
        if keepsResponse { sample.begin(result) }
        if result.passesRows {
            guard passFastRows(bytes, layout, result, keepsResponse, &sample) else {
                return false
            }
            end.bytes = UInt64(layout.rows.count)
            output.client.append(bytes, 0..<bytes.count)
        } else {
            guard let count = maskFastRows(bytes, layout, result, keepsResponse, &sample, into: &output) else {
                return false
            }
            end.bytes = UInt64(count)
            if isPlanned { end.masks = PostgresSession.masks(result.plan) }
            result.plan.forgetCounts()
        }
        self.now = now
        end.rows = UInt64(layout.rowCount)
        end.durationMicroseconds =
            (now.uptimeNanoseconds - min(lane.startedNanoseconds, now.uptimeNanoseconds)) / 1_000
        end.isResponseTruncated = sample.isTruncated
        record(entry, end, tag: bytes.extracting(layout.tag), sample, into: &output)
        settleFastRequest(layout.status)
        return true
    }

    // MARK: Rows

    private func passFastRows(
        _ bytes: Span<UInt8>, _ layout: AnswerLayout, _ result: FastResult, _ keepsResponse: Bool,
        _ sample: inout FastSample
    ) -> Bool {
        var start = layout.rows.lowerBound
        for _ in 0..<layout.rowCount {
            let end = start + 1 + Int(bytes.bigEndian32(at: start + 1))
            guard end - start >= 7, bytes.bigEndian16(at: start + 5) == result.columnCount else { return false }
            if keepsResponse, !sample.isTruncated {
                guard sample.append(bytes, start + 7, end, result) else { return false }
            }
            start = end
        }
        return true
    }

    /// - Returns: How many bytes the rows have as the client gets them.
    private func maskFastRows(
        _ bytes: Span<UInt8>, _ layout: AnswerLayout, _ result: FastResult, _ keepsResponse: Bool,
        _ sample: inout FastSample, into output: inout SessionOutput
    ) -> Int? {
        let before = output.client.count
        output.client.append(bytes, 0..<layout.rows.lowerBound)
        let start = output.client.count
        do throws(WireError) {
            if layout.rowCount > 0 {
                let taken = try RowMasking.maskRows(
                    bytes, from: layout.rows.lowerBound, most: UInt64(layout.rowCount), plan: &result.plan,
                    to: &output.client)
                guard taken.end == layout.rows.upperBound else { throw WireError(.truncated, "a row") }
            }
        } catch {
            // The machine has the words for what is wrong.
            output.client.removeSubrange(before...)
            result.plan.forgetCounts()
            return nil
        }
        let count = output.client.count - start
        if keepsResponse {
            let client = output.client.span
            var row = start
            while row < client.count, !sample.isTruncated {
                let end = row + 1 + Int(client.bigEndian32(at: row + 1))
                _ = sample.append(client, row + 7, end, result)
                row = end
            }
        }
        output.client.append(bytes, layout.rows.upperBound..<bytes.count)
        return count
    }

    // MARK: Results

    /// What is done with the rows that come now.
    private func fastResult(_ entry: FastEntry, _ bytes: Span<UInt8>, _ layout: AnswerLayout) -> FastResult? {
        let description = bytes.extracting(layout.description)
        if let known = lane.shape.isQuery ? entry.ofQuery : entry.ofPortal,
            known.description.holdsSameBytes(as: description),
            lane.shape.isQuery || known.formats == lane.formats,
            known.mirror === (layout.description.isEmpty ? lane.mirror : nil),
            known.mirror.map({ $0.descriptions == known.descriptions }) ?? true
        {
            return known
        }
        guard let made = makeResult(entry, description) else { return nil }
        if lane.shape.isQuery { entry.ofQuery = made } else { entry.ofPortal = made }
        return made
    }

    private func makeResult(_ entry: FastEntry, _ description: Span<UInt8>) -> FastResult? {
        let judged = entry.judged
        let body = [UInt8](copying: description)
        let described = body.isEmpty ? lane.mirror : nil
        var fields = described?.fields
        if !body.isEmpty {
            fields = judged.results.fields(of: body[...])
            if fields == nil,
                let message = try? BackendMessage(tag: BackendTag.rowDescription.rawValue, body: ByteReader(body)),
                case .rowDescription(let read) = message
            {
                judged.results.keep(read, of: body[...])
                fields = read
            }
        }
        guard let fields, let plan = resultPlan(for: judged, fields, formats: lane.shape.isQuery ? nil : fastFormats),
            plan.totals.isEmpty
        else { return nil }
        return FastResult(
            description: body, mirror: described, descriptions: described?.descriptions ?? 0,
            formats: lane.shape.isQuery ? [] : lane.formats, plan: plan)
    }

    // MARK: The end

    private mutating func record(
        _ entry: FastEntry, _ end: RunEnd, tag: Span<UInt8>, _ sample: borrowing FastSample,
        into output: inout SessionOutput
    ) {
        rowCount += end.rows
        let fingerprint = entry.fingerprint
        let isOwn = !lane.text.isEmpty && lane.policy.recordsTexts
        let event: EventBuffer.Event
        if isOwn, !lane.isTextHarmless {
            let masked = StatementEvidence(
                StatementEvidence.Text(utf8: maskedText(lane.text), isTruncated: false, fingerprint: fingerprint),
                entry.facts.evidence.judgement)
            event = output.events.appendRun(
                masked, ownText: lane.text.span.extracting(0..<0), fingerprint: fingerprint, number: lane.number,
                parameters: lane.parameters, end, tag: tag, response: sample.bytes.span)
        } else {
            event = output.events.appendRun(
                entry.facts.evidence, ownText: lane.text.span.extracting(0..<(isOwn ? lane.text.count : 0)),
                fingerprint: fingerprint, number: lane.number, parameters: lane.parameters, end, tag: tag,
                response: sample.bytes.span)
        }
        let tally = StatementTally(
            isJudged: true, durationMicroseconds: end.durationMicroseconds,
            maskedValues: end.masks.reduce(0) { $0 &+ $1.values })
        output.record(SessionRecord(event: .encoded(event, tally)))
    }

    private mutating func settleFastRequest(_ status: TransactionStatus) {
        if !lane.shape.isQuery, let mirror = lane.mirror {
            if lane.shape.hasParse, statements.settled([]) !== mirror { statements.settle(mirror, for: []) }
            // It would be gone with the transaction at once, were there none.
            if status != .idle, let entry = lane.entry { portals.settle(fastPortal(entry, mirror), for: []) }
            if !cursors.isEmpty { cursors.remove([]) }
        }
        lane.clear()
        settleTransaction(status)
    }
}

/// The beginning of a response, as ``ResponseSample`` keeps it, in a buffer that is used again.
struct FastSample: ~Copyable {
    var bytes: [UInt8] = []
    private(set) var isTruncated = false
    private let maximum: Int

    init(maximum: Int) {
        self.maximum = maximum
    }

    mutating func begin(_ result: FastResult) {
        bytes.append(contentsOf: result.header)
        limit(0)
    }

    /// Appends a row.
    ///
    /// - Parameters:
    ///   - start: Where the first value's length is.
    ///   - end: Where the row ends.
    /// - Returns: Whether it was one.
    mutating func append(
        _ input: Span<UInt8>, _ start: Int, _ end: Int, _ result: FastResult
    ) -> Bool {
        let before = bytes.count
        var position = start
        for column in 0..<result.columnCount {
            guard end - position >= 4 else { return false }
            let length = Int(Int32(bitPattern: input.bigEndian32(at: position)))
            position += 4
            if column > 0 { bytes.append(UInt8(ascii: "\t")) }
            if length == -1 {
                bytes.append(contentsOf: "\\N".utf8)
                continue
            }
            guard length >= 0, length <= end - position else { return false }
            if result.hasBinary, result.plan.columns[column].format == .binary {
                let value = [UInt8](copying: input.extracting(position..<position + length))
                let typeOID = result.plan.columns[column].typeOID
                CopyText.escape(
                    BinaryCoding.text(value[...], typeOID: typeOID) ?? BinaryCoding.hexadecimal(value), into: &bytes)
            } else {
                CopyText.escape(input, position..<position + length, into: &bytes)
            }
            position += length
        }
        guard position == end else { return false }
        bytes.append(UInt8(ascii: "\n"))
        limit(before)
        return true
    }

    private mutating func limit(_ before: Int) {
        guard bytes.count > maximum else { return }
        bytes.removeSubrange(before...)
        isTruncated = true
    }
}

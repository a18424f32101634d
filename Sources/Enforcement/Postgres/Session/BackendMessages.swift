import PostgresWire
import WireBytes

/// The server's messages, one at a time. The head of the queue says what each belongs to.
extension PostgresSession {
    mutating func advanceUpstream() throws(SessionFault) {
        while phase == .ready || phase == .prologue {
            if upstream.isStreaming {
                guard let part = upstream.streamed() else { return }
                output.continueToClient(part)
                currentRun?.bytes += UInt64(part.count)
                continue
            }
            if try streamLongRow() { continue }
            guard let frame = try SessionFault.ofServer({ () throws(WireError) in try upstream.peek() }) else { return }
            if frame.whole.count > BufferShare.free { try makeRoom(for: frame) }
            if frame.tag == BackendTag.dataRow.rawValue, try takeRows(from: frame) { continue }
            if frame.tag == BackendTag.copyData.rawValue, maskCopyRows(from: frame) { continue }
            try takeBackend(frame)
            upstream.consume(frame)
            // Between an answer and the next one the client's next message may have its turn.
            if case .open = gate { try advance() }
        }
    }

    /// The statement whose rows come now.
    var currentRun: StatementRun? {
        switch exchanges.first {
        case .query(let exchange): exchange.run
        case .execute(let exchange): exchange.run
        default: nil
        }
    }

    /// A long row that needs no look passes in the pieces in which it comes.
    private mutating func streamLongRow() throws(SessionFault) -> Bool {
        guard let head = try SessionFault.ofServer({ () throws(WireError) in try upstream.head() }),
            head.tag == BackendTag.dataRow.rawValue || head.tag == BackendTag.copyData.rawValue,
            head.count > PostgresSession.streamedFrom, upstream.buffered < head.count,
            let run = currentRun, run.meter == nil, run.plan?.passesRows ?? false
        else { return false }
        if run.sample?.isExceeded(by: head.count) ?? false { run.sample?.truncate() }
        guard passesUntouched(run) else { return false }
        let part = try SessionFault.ofServer({ () throws(WireError) in try upstream.beginStreaming() })
        guard let part else { return false }
        run.rows += 1
        run.bytes += UInt64(part.count)
        output.client.append(contentsOf: part)
        return true
    }

    /// Makes room for what becomes of a long message: as much again for the client, and twice that where detectors look at
    /// it without its escapes, or values are taken out of a COPY.
    private mutating func makeRoom(for frame: Frame) throws(SessionFault) {
        let run = currentRun
        let copies = run?.copyOut != nil || run?.plan?.scansRows ?? false ? 3 : 1
        try holdBuffers(and: copies * frame.whole.count)
        // In one piece, with room for what masks add: growing it would take twice as much.
        output.client.reserveCapacity(output.client.count + frame.whole.count + PostgresSession.addedByMasks)
    }

    private static let addedByMasks = 64 << 10

    /// Shorter ones are waited for.
    private static let streamedFrom = 256 << 10

    private mutating func takeRows(from first: Frame) throws(SessionFault) -> Bool {
        if let run = try runWithPlan(), let meter = run.meter {
            try takeMeteredRows(from: first, run, meter)
            return true
        }
        if try passRows(from: first) { return true }
        return try maskRows(from: first)
    }

    /// Passes as many rows as are here in one piece, where none of them needs a look.
    mutating func passRows(from first: Frame, most: UInt64 = .max) throws(SessionFault) -> Bool {
        guard let run = try runWithPlan(), passesUntouched(run), let width = run.plan?.columns.count,
            hasColumns(width, first)
        else { return false }
        var last = first
        var count: UInt64 = 1
        while count < most,
            let next = try SessionFault.ofServer({ () throws(WireError) in try upstream.peek(after: last) }),
            next.tag == BackendTag.dataRow.rawValue, hasColumns(width, next)
        {
            last = next
            count += 1
        }
        let range = first.whole.lowerBound..<last.whole.upperBound
        output.client.append(contentsOf: upstream.bytes[range])
        run.rows += count
        run.bytes += UInt64(range.count)
        upstream.consume(last)
        return true
    }

    /// Whether a row is as wide as was described. One that is not is looked at, and ends the session.
    private func hasColumns(_ count: Int, _ frame: Frame) -> Bool {
        guard frame.body.count >= 2 else { return false }
        let start = frame.body.lowerBound
        return Int(upstream.bytes[start]) << 8 | Int(upstream.bytes[start + 1]) == count
    }

    private mutating func takeBackend(_ frame: Frame) throws(SessionFault) {
        let tag = BackendTag(rawValue: frame.tag)
        switch tag {
        case .noticeResponse:
            if phase == .ready { output.toClient(.noticeResponse(cleaned(try response(reader(frame))))) }
            return
        case .errorResponse: return try takeError(try response(reader(frame)))
        case .parameterStatus: return try takeParameterStatus(reader(frame))
        case .notificationResponse: return try takeNotification(reader(frame))
        case .authentication, .backendKeyData, .negotiateProtocolVersion, .functionCallResponse, .copyBothResponse:
            throw SessionFault.unexpected("tag \(tag.rawValue)")
        default: break
        }
        guard let head = exchanges.first else {
            throw SessionFault.unexpected("tag \(tag.rawValue) with nothing asked")
        }
        if case .searchPath(let exchange) = head { return try takeSearchPathAnswer(exchange, tag, reader(frame)) }
        if tag == .readyForQuery { return try takeReady(head, frame) }
        switch head {
        case .query(let exchange): try takeQueryAnswer(exchange, tag, frame)
        case .execute(let exchange): try takeExecuteAnswer(exchange, tag, frame)
        case .parse(let name, let mirror):
            guard tag == .parseComplete else { throw SessionFault.unexpected("tag \(tag.rawValue) after Parse") }
            statements.settle(mirror, for: name)
            forward(frame)
            exchanges.popFirst()
        case .bind(let name, let portal):
            guard tag == .bindComplete else { throw SessionFault.unexpected("tag \(tag.rawValue) after Bind") }
            portals.settle(portal, for: name)
            cursors.remove(name)
            forward(frame)
            exchanges.popFirst()
        case .close(let target, let name):
            guard tag == .closeComplete else { throw SessionFault.unexpected("tag \(tag.rawValue) after Close") }
            switch target {
            case .statement: statements.settle(nil, for: name)
            case .portal: portals.settle(nil, for: name)
            }
            forward(frame)
            exchanges.popFirst()
        case .describeStatement(let mirror, let visible):
            try takeDescription(tag, frame, of: mirror?.judged, visible: visible) { fields in
                mirror?.fields = fields
                mirror?.isDescribed = true
            }
        case .describePortal(let portal, let visible):
            try takeDescription(tag, frame, of: portal?.judged, visible: visible) { fields in portal?.fields = fields }
        case .sync: throw SessionFault.unexpected("tag \(tag.rawValue) after Sync")
        case .refusal: throw SessionFault.unexpected("tag \(tag.rawValue) in answer to what cannot be read")
        case .searchPath: break
        }
    }

    private func reader(_ frame: Frame) -> ByteReader { ByteReader(upstream.bytes, in: frame.body) }

    func forwardBytes(_ frame: Frame) -> ArraySlice<UInt8> { upstream.bytes[frame.whole] }

    mutating func forward(_ frame: Frame) {
        output.client.append(contentsOf: forwardBytes(frame))
    }

    func decode(_ frame: Frame) throws(SessionFault) -> BackendMessage {
        try SessionFault.ofServer { () throws(WireError) in
            try BackendMessage(tag: frame.tag, body: ByteReader(upstream.bytes, in: frame.body))
        }
    }

    private func response(_ body: ByteReader) throws(SessionFault) -> ResponseFields {
        let message = try SessionFault.ofServer { () throws(WireError) in
            try BackendMessage(tag: BackendTag.errorResponse.rawValue, body: body)
        }
        guard case .errorResponse(let fields) = message else { throw SessionFault.unexpected("an error of no form") }
        return fields
    }

    private mutating func takeDescription(
        _ tag: BackendTag, _ frame: Frame, of judged: JudgedStatement?, visible: Bool,
        settle: ([FieldDescription]?) -> Void
    ) throws(SessionFault) {
        if tag == .rowDescription, let judged {
            settle(try fields(frame, of: judged))
            exchanges.popFirst()
            if visible { forward(frame) }
            return
        }
        switch try decode(frame) {
        case .parameterDescription: break
        case .rowDescription(let fields):
            settle(fields)
            exchanges.popFirst()
        case .noData:
            settle(nil)
            exchanges.popFirst()
        default: throw SessionFault.unexpected("tag \(tag.rawValue) after Describe")
        }
        if visible { forward(frame) }
    }

    private mutating func takeReady(_ head: Exchange, _ frame: Frame) throws(SessionFault) {
        guard frame.body.count == 1, let status = TransactionStatus(rawValue: upstream.bytes[frame.body.lowerBound])
        else { throw SessionFault.unexpected("a ReadyForQuery of no known status") }
        switch head {
        case .query(let exchange):
            // What came after an error in the same Query was not run.
            while let run = exchange.run {
                complete(run, sqlState: "25P02")
                exchange.current += 1
            }
        case .sync: break
        default: throw SessionFault.unexpected("ReadyForQuery before the pipeline's end")
        }
        exchanges.popFirst()
        guard exchanges.isEmpty else { throw SessionFault.unexpected("ReadyForQuery with answers still due") }
        settleTransaction(status)
        forward(frame)
        gate = .open
    }

    mutating func settleTransaction(_ status: TransactionStatus) {
        transaction = status
        segment = SegmentState()
        statements.dropExpectations()
        portals.dropExpectations()
        guard status == .idle else { return }
        // Portals end with their transaction; a cursor may have been declared WITH HOLD, and keeping what is gone does no
        // harm.
        let held = cursors
        portals.settleRemovingAll { name, _ in !held.contains(name) }
        if resolution.changedPathInTransaction {
            resolution.isSearchPathStale = true
            resolution.changedPathInTransaction = false
        }
        resolution.changedCatalogInTransaction = false
    }

    private mutating func takeParameterStatus(_ body: ByteReader) throws(SessionFault) {
        let message = try SessionFault.ofServer { () throws(WireError) in
            try BackendMessage(tag: BackendTag.parameterStatus.rawValue, body: body)
        }
        guard case .parameterStatus(let name, let value) = message else { return }
        let text = (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
        try checkPinned(text.0, text.1)
        if phase == .ready {
            output.toClient(message)
        } else {
            greeting?.parameters[text.0] = text.1
        }
    }

    private mutating func takeNotification(_ body: ByteReader) throws(SessionFault) {
        let message = try SessionFault.ofServer { () throws(WireError) in
            try BackendMessage(tag: BackendTag.notificationResponse.rawValue, body: body)
        }
        guard phase == .ready, case .notification(let processID, let channel, let payload) = message else { return }
        output.toClient(
            .notification(
                processID: processID, channel: channel, payload: cleanedPayload(payload, channel: channel)))
    }
}

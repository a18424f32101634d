import Enforcement
import PostgresWire
import Records
import WireBytes

/// Sees everything that leaves a session, and throws at what must not.
struct Witness {
    /// Whether the server has told the truth so far: what a lying one sends as an order's note may be anything.
    var serverIsHonest = true
    /// A record was refused, and with it what hung on it.
    var recordsWereRefused = false
    private var decoder = FrameDecoder(.backend)
    private var isStarted = false
    /// The last bytes, which a planted value may have begun in.
    private var tail: [UInt8] = []

    private var chain = SessionChain(sessionID: RecordID(high: 0x0192_0000_0000_7000, low: 77))
    private var records: [[UInt8]] = []
    private var events: [PBRecord.OneOf_Event] = []
    private var judged: Set<UInt64> = []
    private var completed: Set<UInt64> = []
    /// Ended well, and came to nothing at the transaction's end.
    private var undone: Set<UInt64> = []
    private(set) var judgedCount = 0
    private var completedCount = 0
    private var ends = 0

    // MARK: The client's side

    /// - Parameter isUnframed: Single letters that answer requests before messages have tags.
    mutating func sentToClient(_ bytes: [UInt8]) throws(Violation) {
        if serverIsHonest {
            let seen = tail + bytes
            if let found = PlantedValues.find(in: seen) {
                throw Violation("a planted value reached the client: \(String(decoding: found, as: UTF8.self))")
            }
            tail = Array(seen.suffix(64))
        }
        var rest = bytes[...]
        if !isStarted {
            while let first = rest.first, first == UInt8(ascii: "N") || first == UInt8(ascii: "S"), isSingle(rest) {
                rest = rest.dropFirst()
            }
        }
        guard !rest.isEmpty else { return }
        isStarted = true
        decoder.append(Array(rest).span)
        do {
            while let frame = try decoder.peek() {
                try see(BackendTag(rawValue: frame.tag))
                decoder.consume(frame)
            }
        } catch let error as Violation {
            throw error
        } catch {
            // A row that passes untouched is not looked into, and a lying server's may be anything.
            if serverIsHonest { throw Violation("the client was sent what is no message: \(error)") }
        }
    }

    /// Before the first message, a letter alone is an answer to SSLRequest or GSSENCRequest.
    private func isSingle(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.count < 5 || bytes[bytes.startIndex + 1] != 0
    }

    private mutating func see(_ tag: BackendTag) throws(Violation) {
        guard !recordsWereRefused else { return }
        switch tag {
        case .commandComplete, .emptyQueryResponse, .portalSuspended:
            ends += 1
            try Violation.unless(
                ends <= completedCount, "the end of a statement was released before its record")
        case .dataRow, .copyOutResponse, .copyInResponse:
            try Violation.unless(ends < judgedCount, "a response was released before its judgement was recorded")
        default: break
        }
    }

    // MARK: Records

    mutating func record(_ event: PBRecord.OneOf_Event, id: RecordID?) throws(Violation) {
        try Violation.unless(!chain.isClosed, "a record after the session's close")
        try Violation.unless(
            events.isEmpty == isOpening(event), "the session's opening is not the first record")
        switch event {
        case .statement(let statement) where statement.outcome == .allow: try pass(statement.statement)
        case .completed(let statement) where statement.sqlstate.isEmpty || !completed.contains(statement.statement):
            try end(statement.statement)
        case .completed(let statement):
            try Violation.unless(
                undone.insert(statement.statement).inserted, "statement \(statement.statement) came to nothing twice")
        case .statementRun(let run):
            try pass(run.judged.statement)
            try end(run.judged.statement)
        default: break
        }
        events.append(event)
        do throws(RecordError) {
            if case .sessionClosed(let close) = event {
                let sealed = try chain.close(
                    reason: close.reason, statements: close.statements, rows: close.rows, id: id, time: time,
                    signer: SampleChain.signer)
                records.append(sealed.bytes)
            } else {
                records.append(try chain.seal(event, id: id, time: time).bytes)
            }
        } catch {
            throw Violation("a record cannot be sealed: \(error)")
        }
    }

    private mutating func pass(_ statement: UInt64) throws(Violation) {
        try Violation.unless(judged.insert(statement).inserted, "statement \(statement) was let pass twice")
        judgedCount += 1
    }

    private mutating func end(_ statement: UInt64) throws(Violation) {
        try Violation.unless(
            recordsWereRefused || judged.contains(statement), "statement \(statement) ended, which never was")
        try Violation.unless(completed.insert(statement).inserted, "statement \(statement) ended twice")
        completedCount += 1
    }

    private var time: Int64 { 1_800_000_000_000_000 + Int64(records.count) }

    private func isOpening(_ event: PBRecord.OneOf_Event) -> Bool {
        if case .sessionOpened = event { return true }
        return false
    }

    /// Call it when the session is over.
    func finish() throws(Violation) {
        guard !records.isEmpty else { return }
        try Violation.unless(
            recordsWereRefused || chain.isClosed, "the session is over and its chain is not closed")
        try Violation.unless(
            recordsWereRefused || judged == completed, "a statement that was let pass has no end")
        var verifier = ChainVerifier { $0 == SampleChain.key.id ? SampleChain.key : nil }
        var faults: [ChainFault] = []
        for record in records { faults += verifier.check(record) }
        if !recordsWereRefused { faults += verifier.finish() }
        try Violation.unless(faults.isEmpty, "the session's chain is not whole: \(faults)")
    }
}

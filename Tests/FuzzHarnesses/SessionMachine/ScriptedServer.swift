import PostgresWire
import WireBytes

/// A server that keeps the protocol's rules as PostgreSQL does (names, transactions, search path, skipping after an error) and
/// answers the statements of the pool truthfully: where a real one would send a planted value, so does it.
///
/// Whatever reaches it is checked against the policy of that moment.
final class ScriptedServer {
    struct Portal {
        var text: String
        /// Resolved when it was bound or declared.
        /// `nil`: it has no rows.
        var cells: [StatementPool.Cell]?
        var formats: [FormatCode] = []
        var sent = 0
        var isDone = false
    }

    /// What its answers are, and not yet delivered.
    var outbox: [UInt8] = []
    /// The first thing that must not have happened.
    private(set) var violation: Violation?
    /// The policy that is in force.
    var variant: PolicyVariant?
    /// How many approvals were given, and how many held statements have come.
    var approvals = 0
    var heldRuns = 0
    /// How many statements have run that may have had an effect.
    private(set) var effects = 0

    var path = "public"
    private var pathBefore = "public"
    private var localPathBefore: String?
    var status = TransactionStatus.idle
    private var isSegmentOpen = false
    private var decoder = FrameDecoder(.frontend)
    var statements: [WireName: String] = [:]
    var portals: [WireName: Portal] = [:]
    private var isSkipping = false
    private var copyIn: (inQuery: Bool, rest: [String])?

    static let rowCount = 3
    static let pathQuestion = "SELECT s FROM pg_catalog.unnest(pg_catalog.current_schemas(true)) AS s"
    private static let refused = "STILE REFUSED"

    func receive(_ bytes: [UInt8]) {
        decoder.append(bytes.span)
        do {
            while let frame = try decoder.peek() {
                let message = try FrontendMessage(tag: frame.tag, body: ByteReader(decoder.bytes, in: frame.body))
                decoder.consume(frame)
                try take(message)
            }
            if decoder.buffered > 0 { throw Violation("half a message was sent to the server") }
        } catch {
            violation =
                violation ?? error as? Violation ?? Violation("the server was sent what is no message: \(error)")
        }
    }

    private func take(_ message: FrontendMessage) throws(Violation) {
        if copyIn != nil { return try takeCopy(message) }
        if isSkipping, message != .sync, message != .terminate { return }
        switch message {
        case .query(let text): try query(String(decoding: text, as: UTF8.self))
        case .parse(let name, let text, _): try parse(name, String(decoding: text, as: UTF8.self))
        case .bind(let bind): try self.bind(bind)
        case .describe(.statement, let name):
            guard let text = statements[name] else { return fail("26000", "prepared statement does not exist") }
            send(.parameterDescription([]))
            describe(cells(of: text), [])
        case .describe(.portal, let name):
            guard let portal = portals[name] else { return fail("34000", "portal does not exist") }
            describe(portal.cells, portal.formats)
        case .execute(let name, let maximum): try execute(name, Int(maximum))
        case .close(.statement, let name):
            statements[name] = nil
            send(.closeComplete)
        case .close(.portal, let name):
            portals[name] = nil
            send(.closeComplete)
        case .sync:
            isSkipping = false
            endSegment()
        case .functionCall: throw Violation("a function call reached the server")
        default: break
        }
    }

    // MARK: The extended protocol

    private func parse(_ name: WireName, _ text: String) throws(Violation) {
        openSegment()
        if text == Self.refused { return fail("42601", "syntax error at or near \"STILE\"") }
        try check(text, runs: false)
        if status == .failed, !isEnd(text) { return fail("25P02", "current transaction is aborted") }
        if !name.isEmpty, statements[name] != nil { return fail("42P05", "prepared statement already exists") }
        if unknownColumn(text) { return fail("42703", "column \"card\" does not exist", position: true) }
        statements[name] = text
        send(.parseComplete)
    }

    private func bind(_ bind: FrontendMessage.Bind) throws(Violation) {
        openSegment()
        guard let text = statements[bind.statement] else { return fail("26000", "prepared statement does not exist") }
        try check(text, runs: false)
        if status == .failed, !isEnd(text) { return fail("25P02", "current transaction is aborted") }
        if !bind.portal.isEmpty, portals[bind.portal] != nil { return fail("42P03", "cursor already exists") }
        if unknownColumn(text) { return fail("42703", "column \"card\" does not exist", position: true) }
        let cells = cells(of: text)
        if bind.resultFormats.count > 1, bind.resultFormats.count != cells?.count ?? 0 {
            return fail("08P01", "bind message has other result formats than the query has columns")
        }
        try holds(text)
        portals[bind.portal] = Portal(text: text, cells: cells, formats: bind.resultFormats)
        send(.bindComplete)
    }

    private func execute(_ name: WireName, _ maximum: Int) throws(Violation) {
        openSegment()
        guard let portal = portals[name] else { return fail("34000", "portal does not exist") }
        if portal.text != Self.pathQuestion { try check(portal.text, runs: true) }
        if status == .failed, !isEnd(portal.text) { return fail("25P02", "current transaction is aborted") }
        if portal.text == Self.pathQuestion {
            for schema in ["pg_catalog", path] { send(.dataRow([Array(schema.utf8)])) }
            return send(.commandComplete(Array("SELECT 2".utf8)))
        }
        if hasRows(portal.text) {
            sendRows(of: name, maximum: maximum, tag: tag(of: portal.text))
        } else if portal.isDone {
            fail("55000", "portal cannot be run")
        } else {
            portals[name]?.isDone = true
            run(portal.text, formats: portal.formats)
        }
    }

    private func sendRows(of name: WireName, maximum: Int, tag: String) {
        guard let portal = portals[name] else { return }
        let left = Self.rowCount - portal.sent
        let count = maximum > 0 ? min(maximum, left) : left
        for row in portal.sent..<(portal.sent + count) { sendRow(portal.cells ?? [], portal.formats, row) }
        portals[name]?.sent += count
        if maximum > 0, count == maximum {
            send(.portalSuspended)
        } else {
            send(.commandComplete(Array(tag.utf8)))
        }
    }

    // MARK: Simple queries

    private func query(_ text: String) throws(Violation) {
        isSegmentOpen = false
        openSegment()
        statements[[]] = nil
        portals[[]] = nil
        if text == Self.refused {
            fail("42601", "syntax error at or near \"STILE\"")
            isSkipping = false
            return endSegment()
        }
        let parts = StatementPool.byText[text] == nil ? Self.parts(text) : [text]
        for part in parts { try check(part, runs: true) }
        if parts.contains(where: { isHeld($0) }) { try spendApproval() }
        if parts.isEmpty { send(.emptyQueryResponse) }
        goOn(parts)
    }

    /// Runs the statements of a Query, from one after a COPY FROM STDIN on too.
    private func goOn(_ parts: [String]) {
        for (index, part) in parts.enumerated() {
            if status == .failed, !isEnd(part) {
                fail("25P02", "current transaction is aborted")
            } else if unknownColumn(part) {
                fail("42703", "column \"card\" does not exist", position: true)
            } else if let cells = rowCells(part) {
                describe(cells, [])
                for row in 0..<Self.rowCount { sendRow(cells, [], row) }
                send(.commandComplete(Array(tag(of: part).utf8)))
            } else {
                run(part, formats: nil)
                if copyIn != nil {
                    copyIn?.rest = Array(parts[(index + 1)...])
                    return
                }
            }
            if isSkipping { break }
        }
        isSkipping = false
        endSegment()
    }

    static func parts(_ text: String) -> [String] {
        text.split(separator: ";\n").map(String.init).filter { $0.contains { !$0.isWhitespace } }
    }

    // MARK: COPY FROM STDIN

    func startCopyIn(inQuery: Bool) {
        copyIn = (inQuery, [])
        send(.copyIn(.init(format: .text, columns: [.text, .text])))
    }

    private func takeCopy(_ message: FrontendMessage) throws(Violation) {
        guard let copy = copyIn else { return }
        switch message {
        case .copyData, .flush, .sync: return
        case .copyDone: send(.commandComplete(Array("COPY 0".utf8)))
        default: fail("57014", "COPY from stdin failed")
        }
        copyIn = nil
        if copy.inQuery { goOn(isSkipping ? [] : copy.rest) }
    }

    // MARK: Transactions

    private func openSegment() {
        if !isSegmentOpen, status == .idle { pathBefore = path }
        isSegmentOpen = true
    }

    private func endSegment() {
        isSegmentOpen = false
        if status == .idle {
            portals = [:]
            endLocal()
        }
        send(.readyForQuery(status))
    }

    private func endLocal() {
        if let before = localPathBefore { path = before }
        localPathBefore = nil
    }

    func begin() {
        status = .inTransaction
        send(.commandComplete(Array("BEGIN".utf8)))
    }

    func end(commits: Bool) {
        let commits = commits && status != .failed
        if !commits { path = pathBefore }
        if !commits { localPathBefore = nil }
        endLocal()
        status = .idle
        portals = [:]
        pathBefore = path
        send(.commandComplete(Array((commits ? "COMMIT" : "ROLLBACK").utf8)))
    }

    func setPath(_ schema: String, isLocal: Bool) {
        if isLocal, localPathBefore == nil { localPathBefore = path }
        if !isLocal { localPathBefore = nil }
        path = schema
        send(.commandComplete(Array("SET".utf8)))
    }

    func fail(_ state: String, _ message: String, detail: String? = nil, position: Bool = false) {
        var fields = ResponseFields(severity: "ERROR", sqlState: state, message: message, detail: detail)
        if position { fields.fields.append(.init(code: UInt8(ascii: "P"), value: [UInt8(ascii: "8")])) }
        send(.errorResponse(fields))
        isSkipping = true
        if status == .idle {
            path = pathBefore
            localPathBefore = nil
        } else {
            status = .failed
        }
    }

    func send(_ message: BackendMessage) { message.encode(into: &outbox) }

    private func isEnd(_ text: String) -> Bool { ["ROLLBACK", "COMMIT"].contains(text) }

    // MARK: What must not come

    private func need(of text: String) -> StatementPool.Need {
        switch StatementPool.byText[text]?.answer {
        case .execute(let name):
            return statements[Array(name.utf8)].map { need(of: $0) } ?? .free
        case .fetch(let name, _):
            return portals[Array(name.utf8)].map { need(of: $0.text) } ?? .free
        default: return StatementPool.byText[text]?.need ?? .free
        }
    }

    private func isHeld(_ text: String) -> Bool { variant?.held.contains(need(of: text)) == true }

    private func check(_ text: String, runs isRun: Bool) throws(Violation) {
        if text == Self.pathQuestion { return }
        let need = need(of: text)
        if need != .free, let variant, !variant.allowed.contains(need), !variant.held.contains(need) {
            throw Violation("a statement that no rule allows reached the server: \(text)")
        }
        if isRun, [.write, .delete, .define].contains(need) { effects += 1 }
    }

    private func holds(_ text: String) throws(Violation) {
        if isHeld(text) { try spendApproval() }
    }

    private func spendApproval() throws(Violation) {
        heldRuns += 1
        try Violation.unless(heldRuns <= approvals, "a statement ran that nobody had approved")
    }
}

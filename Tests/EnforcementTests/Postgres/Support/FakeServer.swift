import PostgresWire
import WireBytes

/// What a server answers to a statement.
enum FakeAnswer {
    case rows([FieldDescription], [[String?]], tag: String)
    case command(String)
    case error(ResponseFields)
    case copyOut(format: FormatCode, columns: Int, data: [String], tag: String)
    case copyIn(tag: String)
}

/// As much of a PostgreSQL server as a session can tell from a real one: it keeps statements and portals by the server's
/// rules, skips to Sync after an error, and answers statements from a list.
final class FakeServer {
    var answers: [String: FakeAnswer] = [:]
    /// Data of a COPY that are no text, in place of an answer's own.
    var copyBytes: [UInt8] = []
    /// Likewise, a piece each.
    var copyPieces: [[UInt8]] = []
    var searchPath = ["public"]
    var status = TransactionStatus.idle
    /// Every statement text that it was asked to run.
    private(set) var executed: [String] = []
    private(set) var messages: [FrontendMessage] = []
    private(set) var copied: [UInt8] = []
    /// Whatever the session says of the search path is asked here.
    private static let pathQuestion = "SELECT s FROM pg_catalog.unnest(pg_catalog.current_schemas(true)) AS s"

    private var decoder = FrameDecoder(.frontend)
    private var statements: [WireName: String] = [:]
    private var portals: [WireName: (text: String, formats: [FormatCode], sent: Int)] = [:]
    private var isSkipping = false
    private var copyIn: (tag: String, inQuery: Bool)?
    private var out: [UInt8] = []

    func receive(_ bytes: [UInt8]) throws -> [UInt8] {
        out = []
        decoder.append(bytes.span)
        while let frame = try decoder.peek() {
            let message = try FrontendMessage(tag: frame.tag, body: ByteReader(decoder.bytes, in: frame.body))
            decoder.consume(frame)
            messages.append(message)
            take(message)
        }
        return out
    }

    private func take(_ message: FrontendMessage) {
        if copyIn != nil { return takeCopy(message) }
        if isSkipping, message != .sync { return }
        switch message {
        case .query(let text): query(String(decoding: text, as: UTF8.self))
        case .parse(let name, let text, _):
            let text = String(decoding: text, as: UTF8.self)
            if text.hasPrefix("STILE REFUSED") { return fail(syntaxError) }
            if status == .failed, !isEnd(text) { return fail(abortedError) }
            statements[name] = text
            send(.parseComplete)
        case .bind(let bind):
            guard let text = statements[bind.statement] else {
                return fail(.init(severity: "ERROR", sqlState: "26000", message: "no such statement"))
            }
            portals[bind.portal] = (text, bind.resultFormats, 0)
            send(.bindComplete)
        case .describe(.statement, let name):
            guard let text = statements[name] else {
                return fail(.init(severity: "ERROR", sqlState: "26000", message: "no such statement"))
            }
            send(.parameterDescription([]))
            describe(text, [])
        case .describe(.portal, let name):
            guard let portal = portals[name] else {
                return fail(.init(severity: "ERROR", sqlState: "34000", message: "no such portal"))
            }
            describe(portal.text, portal.formats)
        case .execute(let name, let maximum): execute(name, Int(maximum))
        case .close(.statement, let name):
            statements[name] = nil
            send(.closeComplete)
        case .close(.portal, let name):
            portals[name] = nil
            send(.closeComplete)
        case .sync:
            isSkipping = false
            ready()
        default: break
        }
    }

    private func takeCopy(_ message: FrontendMessage) {
        guard let copy = copyIn else { return }
        switch message {
        case .copyData(let data): copied += data
        case .copyDone:
            copyIn = nil
            send(.commandComplete(Array(copy.tag.utf8)))
            if copy.inQuery { ready() }
        case .copyFail:
            copyIn = nil
            let error = ResponseFields(severity: "ERROR", sqlState: "57014", message: "COPY from stdin failed")
            if copy.inQuery {
                send(.errorResponse(error))
                ready()
            } else {
                fail(error)
            }
        default: break
        }
    }

    private func ready() {
        if status == .idle { portals = [:] }
        send(.readyForQuery(status))
    }

    private func query(_ text: String) {
        statements[[]] = nil
        for part in text.split(separator: ";").map({ $0.trimmed }) where !part.isEmpty {
            if part.hasPrefix("STILE REFUSED") {
                send(.errorResponse(syntaxError))
                if status == .inTransaction { status = .failed }
                break
            }
            if status == .failed, !isEnd(part) {
                send(.errorResponse(abortedError))
                break
            }
            executed.append(part)
            switch answer(part) {
            case .rows(let fields, let rows, let tag):
                send(.rowDescription(fields))
                for row in rows { send(.dataRow(row.map { $0.map { Array($0.utf8) } })) }
                send(.commandComplete(Array(tag.utf8)))
            case .command(let tag): command(part, tag)
            case .error(let fields):
                send(.errorResponse(fields))
                if status == .inTransaction { status = .failed }
                ready()
                return
            case .copyOut(let format, let columns, let data, let tag): copyOut(format, columns, data, tag)
            case .copyIn(let tag):
                copyIn = (tag, true)
                send(.copyIn(.init(format: .text, columns: [.text])))
                return
            }
        }
        ready()
    }

    private func command(_ text: String, _ tag: String) {
        switch tag {
        case "BEGIN": status = .inTransaction
        case "COMMIT", "ROLLBACK": status = .idle
        default: break
        }
        send(.commandComplete(Array(tag.utf8)))
    }

    private func copyOut(_ format: FormatCode, _ columns: Int, _ data: [String], _ tag: String) {
        send(.copyOut(.init(format: format, columns: Array(repeating: format, count: columns))))
        for row in data { send(.copyData(Array(row.utf8))) }
        if !copyBytes.isEmpty { send(.copyData(copyBytes)) }
        for piece in copyPieces { send(.copyData(piece)) }
        send(.copyDone)
        send(.commandComplete(Array(tag.utf8)))
    }

    private func describe(_ text: String, _ formats: [FormatCode]) {
        guard case .rows(var fields, _, _) = answer(text) else { return send(.noData) }
        for index in fields.indices where !formats.isEmpty {
            fields[index].format = formats.count == 1 ? formats[0] : formats[index]
        }
        send(.rowDescription(fields))
    }

    private func execute(_ name: WireName, _ maximum: Int) {
        guard let portal = portals[name] else {
            return fail(.init(severity: "ERROR", sqlState: "34000", message: "no such portal"))
        }
        if portal.text != FakeServer.pathQuestion { executed.append(portal.text) }
        switch answer(portal.text) {
        case .rows(_, let rows, let tag):
            let rest = rows.dropFirst(portal.sent)
            let batch = maximum > 0 ? rest.prefix(maximum) : rest
            for row in batch { send(.dataRow(row.map { $0.map { Array($0.utf8) } })) }
            portals[name]?.sent += batch.count
            if batch.count < rest.count {
                send(.portalSuspended)
            } else {
                send(.commandComplete(Array(tag.utf8)))
            }
        case .command(let tag): command(portal.text, tag)
        case .error(let fields): fail(fields)
        case .copyOut(let format, let columns, let data, let tag): copyOut(format, columns, data, tag)
        case .copyIn(let tag):
            copyIn = (tag, false)
            send(.copyIn(.init(format: .text, columns: [.text])))
        }
    }

    private func answer(_ text: String) -> FakeAnswer {
        if text == FakeServer.pathQuestion {
            return .rows([FieldDescription(name: [115], typeOID: 19)], searchPath.map { [$0] }, tag: "SELECT 1")
        }
        if let answer = answers[text] { return answer }
        let first = text.split(separator: " ").first.map { $0.uppercased() } ?? ""
        return .command(first)
    }

    private func fail(_ fields: ResponseFields) {
        send(.errorResponse(fields))
        if status == .inTransaction { status = .failed }
        isSkipping = true
    }

    private func send(_ message: BackendMessage) { message.encode(into: &out) }

    private func isEnd(_ text: String) -> Bool {
        ["ROLLBACK", "COMMIT"].contains(text.uppercased())
    }

    private let syntaxError = ResponseFields(
        severity: "ERROR", sqlState: "42601", message: "syntax error at or near \"STILE\"")
    private let abortedError = ResponseFields(
        severity: "ERROR", sqlState: "25P02", message: "current transaction is aborted")
}

extension StringProtocol {
    var trimmed: String {
        var part = self[...]
        while part.first?.isWhitespace == true { part.removeFirst() }
        while part.last?.isWhitespace == true { part.removeLast() }
        return String(part)
    }
}

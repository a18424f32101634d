import PostgresWire
import WireBytes

/// What the statements of the pool answer.
extension ScriptedServer {
    /// The columns of a text's rows; `nil` when it has none.
    func cells(of text: String) -> [StatementPool.Cell]? {
        guard let statement = StatementPool.byText[text] else {
            if text == Self.pathQuestion { return [.constant("")] }
            return text.hasPrefix("SELECT") ? [.constant("1")] : nil
        }
        switch statement.answer {
        case .rows(let cells, _):
            guard statement.followsPath, path != "public" else { return cells }
            return cells.map { $0 == .ssn ? .otherSSN : $0 }
        case .execute(let name): return statements[Array(name.utf8)].flatMap { cells(of: $0) }
        case .fetch(let name, _): return portals[Array(name.utf8)]?.cells
        case .error: return text.hasPrefix("SELECT") ? [.constant("1")] : nil
        default: return nil
        }
    }

    /// As ``cells(of:)``, for what is answered by rows of its own alone.
    func rowCells(_ text: String) -> [StatementPool.Cell]? {
        switch StatementPool.byText[text]?.answer {
        case .rows, nil: cells(of: text)
        default: nil
        }
    }

    func hasRows(_ text: String) -> Bool { rowCells(text) != nil }

    func tag(of text: String) -> String {
        if case .rows(_, let tag) = StatementPool.byText[text]?.answer { return tag }
        return "SELECT \(Self.rowCount)"
    }

    /// With the path at another schema, its table has no such columns.
    func unknownColumn(_ text: String) -> Bool {
        guard let statement = StatementPool.byText[text] else { return false }
        switch statement.answer {
        case .rows(let cells, _): return statement.followsPath && path != "public" && cells != [.ssn]
        case .prepare(_, let index), .declare(_, let index): return unknownColumn(StatementPool.all[index].text)
        case .execute(let name): return statements[Array(name.utf8)].map { unknownColumn($0) } ?? false
        default: return false
        }
    }

    /// Runs a statement that has no rows of its own.
    ///
    /// - Parameter formats: `nil` in a simple query, whose rows are described as they come, and are text.
    func run(_ text: String, formats: [FormatCode]?) {
        let inQuery = formats == nil
        guard let statement = StatementPool.byText[text] else {
            return send(.commandComplete(Array("OK".utf8)))
        }
        switch statement.answer {
        case .rows: break
        case .command(let tag): send(.commandComplete(Array(tag.utf8)))
        case .error(let state, let message, let detail):
            if inQuery, let cells = cells(of: text) { describe(cells, []) }
            fail(state, message, detail: detail)
        case .copyOut(let cells, let form): copyOut(cells, form)
        case .copyIn: startCopyIn(inQuery: inQuery)
        case .begin: begin()
        case .commit: end(commits: true)
        case .rollback: end(commits: false)
        case .searchPath(let schema, let isLocal): setPath(schema, isLocal: isLocal)
        case .prepare(let name, let index):
            let name = Array(name.utf8)
            guard statements[name] == nil else { return fail("42P05", "prepared statement already exists") }
            statements[name] = StatementPool.all[index].text
            send(.commandComplete(Array("PREPARE".utf8)))
        case .execute(let name): executePrepared(Array(name.utf8), formats)
        case .declare(let name, let index): declare(Array(name.utf8), StatementPool.all[index].text)
        case .fetch(let name, let count): fetch(Array(name.utf8), count, formats)
        case .close(let name):
            if let name, portals[Array(name.utf8)] == nil { return fail("34000", "cursor does not exist") }
            if let name { portals[Array(name.utf8)] = nil } else { portals = [:] }
            send(.commandComplete(Array("CLOSE CURSOR".utf8)))
        case .deallocate(let name):
            if let name, statements[Array(name.utf8)] == nil {
                return fail("26000", "prepared statement does not exist")
            }
            if let name { statements[Array(name.utf8)] = nil } else { statements = [:] }
            send(.commandComplete(Array("DEALLOCATE".utf8)))
        }
    }

    private func executePrepared(_ name: WireName, _ formats: [FormatCode]?) {
        guard let text = statements[name] else { return fail("26000", "prepared statement does not exist") }
        guard let cells = rowCells(text) else { return run(text, formats: formats) }
        if formats == nil { describe(cells, []) }
        for row in 0..<Self.rowCount { sendRow(cells, formats ?? [], row) }
        send(.commandComplete(Array("SELECT \(Self.rowCount)".utf8)))
    }

    private func declare(_ name: WireName, _ text: String) {
        guard status == .inTransaction else {
            return fail("25P01", "DECLARE CURSOR can only be used in transaction blocks")
        }
        guard portals[name] == nil else { return fail("42P03", "cursor already exists") }
        portals[name] = Portal(text: text, cells: cells(of: text))
        send(.commandComplete(Array("DECLARE CURSOR".utf8)))
    }

    private func fetch(_ name: WireName, _ count: Int, _ formats: [FormatCode]?) {
        guard let portal = portals[name] else { return fail("34000", "cursor does not exist") }
        guard let cells = portal.cells, hasRows(portal.text) else { return fail("34000", "cursor has no rows") }
        if formats == nil { describe(cells, []) }
        let rows = min(count, Self.rowCount - portal.sent)
        for row in portal.sent..<(portal.sent + rows) {
            sendRow(cells, formats ?? [], row)
        }
        portals[name]?.sent += rows
        send(.commandComplete(Array("FETCH \(rows)".utf8)))
    }

    func describe(_ cells: [StatementPool.Cell]?, _ formats: [FormatCode]) {
        guard let cells else { return send(.noData) }
        send(
            .rowDescription(
                cells.enumerated().map { $1.description(index: $0, format: Self.format(formats, $0)) }))
    }

    func sendRow(_ cells: [StatementPool.Cell], _ formats: [FormatCode], _ row: Int) {
        send(.dataRow(cells.enumerated().map { $1.value(row: row, format: Self.format(formats, $0)) }))
    }

    private static func format(_ formats: [FormatCode], _ index: Int) -> FormatCode {
        if formats.count == 1 { return formats[0] }
        return index < formats.count ? formats[index] : .text
    }

    private func copyOut(_ cells: [StatementPool.Cell], _ form: StatementPool.CopyForm) {
        let format: FormatCode = form == .binary ? .binary : .text
        send(.copyOut(.init(format: format, columns: Array(repeating: format, count: cells.count))))
        if form == .binary {
            send(
                .copyData(
                    Array("PGCOPY\n\u{ff}\r\n\0".unicodeScalars.map { UInt8($0.value) }) + Array(repeating: 0, count: 8)
                ))
        }
        if form == .csv { send(.copyData(Array("\(cells.indices.map { "c\($0)" }.joined(separator: ","))\n".utf8))) }
        for row in 0..<Self.rowCount {
            var line: [UInt8] = []
            switch form {
            case .binary:
                line.appendBigEndian(Int16(truncatingIfNeeded: cells.count))
                for cell in cells { line.appendValue(cell.value(row: row, format: .binary)) }
            case .text, .csv:
                for (index, cell) in cells.enumerated() {
                    if index > 0 { line.append(form == .csv ? UInt8(ascii: ",") : UInt8(ascii: "\t")) }
                    line += cell.copied(row: row, form)
                }
                line.append(UInt8(ascii: "\n"))
            }
            send(.copyData(line))
        }
        if form == .binary { send(.copyData([0xFF, 0xFF])) }
        send(.copyDone)
        send(.commandComplete(Array("COPY \(Self.rowCount)".utf8)))
    }
}

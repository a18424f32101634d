import Policy
import PostgresWire
import SQLInspection

/// Errors and notices of the server's: what of them the client gets, and what they do to the pipeline.
extension PostgresSession {
    mutating func takeError(_ fields: ResponseFields) throws(SessionFault) {
        let sqlState = String(decoding: fields["C"] ?? [], as: UTF8.self)
        if let severity = fields["V"], severity.elementsEqual("FATAL".utf8) || severity.elementsEqual("PANIC".utf8) {
            currentRun.map { complete($0, tag: "", sqlState: sqlState) }
            throw SessionFault(
                sqlState: sqlState, message: PostgresSession.text(cleaned(fields, isNotice: false)["M"]),
                reason: "the database ended the connection: \(sqlState)")
        }
        switch exchanges.first {
        case nil: output.toClient(.errorResponse(cleaned(fields, isNotice: false)))
        case .query(let exchange):
            if let refusal = exchange.refusal {
                output.toClient(.errorResponse(refusal))
            } else {
                let answer = cleaned(fields, isNotice: false)
                if let run = exchange.run {
                    complete(run, tag: "", sqlState: sqlState)
                    exchange.current += 1
                }
                output.toClient(.errorResponse(answer))
            }
            // A COPY FROM STDIN that fails is over; what the client still sends of it is dropped.
            if case .copyIn = gate { gate = .readyForQuery }
        case .searchPath(let exchange) where exchange.endsWithSync: exchange.failed = fields
        case .sync: throw SessionFault.unexpected("an error after Sync")
        case .refusal(let refusal):
            output.toClient(.errorResponse(refusal))
            skipPipeline(sqlState)
        case .some:
            if case .execute(let exchange) = exchanges.first { complete(exchange.run, tag: "", sqlState: sqlState) }
            output.toClient(.errorResponse(cleaned(fields, isNotice: false)))
            skipPipeline(sqlState)
        }
    }

    /// After an error the server skips to the next Sync, and so does the session.
    private mutating func skipPipeline(_ sqlState: String) {
        while let head = exchanges.first {
            if case .sync = head { return }
            if case .execute(let exchange) = head { complete(exchange.run, tag: "", sqlState: sqlState) }
            exchanges.popFirst()
        }
        // The Sync is still to come. Whatever the next message waited for, it is skipped.
        segment.skipsUntilSync = true
        abandonHold()
        hold = nil
        reading = nil
        gate = .open
    }

    private static func text(_ bytes: [UInt8]?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }

    /// What may be seen of an error or notice.
    ///
    /// Texts of the server's quote values. Which do is told by the SQLSTATE: errors of syntax, names, rights, resources and
    /// transactions speak of the statement; those of data, constraints and functions speak of rows.
    ///
    /// A row's value may turn up as a name, too: `current_setting(ssn)` fails for want of a setting called so. Where a
    /// statement computes with sensitive values, such texts pass only with a position in the statement, which the server
    /// gives to what it found while it read the statement and never to what it found in a row.
    func cleaned(_ fields: ResponseFields, isNotice: Bool) -> ResponseFields {
        let sqlState = PostgresSession.text(fields["C"])
        let quotesValues =
            ErrorHygiene.mayQuoteValues(sqlState)
            || fields["P"] == nil && ErrorHygiene.mayQuoteNames(sqlState) && computesWithSensitiveValues
        let isStrict = policy?.hasClassifiedColumns ?? true
        var kept: [ResponseFields.Field] = []
        for field in fields.fields {
            switch field.code {
            case UInt8(ascii: "S"), UInt8(ascii: "V"), UInt8(ascii: "C"), UInt8(ascii: "P"): kept.append(field)
            // Names of schema, table, column, type and constraint.
            case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "c"), UInt8(ascii: "d"), UInt8(ascii: "n"):
                kept.append(field)
            case UInt8(ascii: "M"):
                let value =
                    isStrict && quotesValues && !(isNotice && ErrorHygiene.isPlainNotice(sqlState))
                    ? Array(ErrorHygiene.generic(sqlState, isNotice: isNotice).utf8) : masker.scanText(field.value)
                kept.append(.init(code: field.code, value: value))
            case UInt8(ascii: "D"), UInt8(ascii: "H"):
                if !isStrict { kept.append(.init(code: field.code, value: masker.scanText(field.value))) }
            // Context, internal query, source file, line and routine, and whatever is new.
            default: break
            }
        }
        return ResponseFields(kept)
    }
}

extension PostgresSession {
    /// Whether what the server is at work on may hold a sensitive value in its hands.
    private var computesWithSensitiveValues: Bool {
        let run: StatementRun?
        switch exchanges.first {
        case .query(let exchange): run = exchange.run
        case .execute(let exchange): run = exchange.run
        // Parse, Bind and Describe read no row.
        case .some: return false
        case nil: return false
        }
        guard let policy, let catalog, let run else { return true }
        let analysis = run.judged.analysis
        if analysis.kind != .utility { return !PostgresSession.touchesNothingSensitive(run.judged, policy) }
        if !analysis.functions.isEmpty { return true }
        // Constraints, indexes and new types of columns are computed from the rows that are there.
        return analysis.accesses.contains { access in
            guard let relation = catalog.snapshot.relation(schema: access.schema, name: access.name) else {
                return false
            }
            return [.view, .materializedView].contains(relation.kind)
                || relation.columns.contains { column in
                    let base = BaseColumn(schema: access.schema, relation: access.name, column: column.name)
                    return policy.classification(of: base) != nil
                }
        }
    }
}

/// What SQLSTATEs say of the texts that come with them (PostgreSQL, appendix A).
enum ErrorHygiene {
    /// Classes whose messages speak of the statement, its names and the server's state.
    private static let plainClasses: Set<String> = [
        "00", "02", "03", "08", "09", "0A", "0B", "0L", "0P", "20", "24", "25", "26", "28", "2B", "2D", "34", "3B",
        "3D", "3F", "40", "42", "53", "54", "55", "57", "58",
    ]

    static func mayQuoteValues(_ sqlState: String) -> Bool {
        !plainClasses.contains(String(sqlState.prefix(2)))
    }

    /// Texts of the other classes quote names, but for these, which tell of rights and of the server's own state.
    static func mayQuoteNames(_ sqlState: String) -> Bool {
        sqlState != "42501" && !["00", "01", "02", "08", "25", "28", "40", "53", "57"].contains(sqlState.prefix(2))
    }

    /// `00000`: the server's own notices ("relation … already exists, skipping"). RAISE NOTICE has the same code, so they
    /// are scanned like any text.
    static func isPlainNotice(_ sqlState: String) -> Bool { sqlState.hasPrefix("00") || sqlState.hasPrefix("01") }

    static func generic(_ sqlState: String, isNotice: Bool) -> String {
        if isNotice { return "A notice whose text may quote a value was withheld." }
        switch sqlState {
        case "22001": return "a value is too long for its type"
        case "22003": return "a number is out of its type's range"
        case "22007", "22008": return "a date or time is not valid"
        case "22012": return "division by zero"
        case "22P02", "22P03": return "a value is not valid for its type"
        case "23502": return "a column that must have a value has none"
        case "23503": return "a foreign key constraint is violated"
        case "23505": return "a unique constraint is violated"
        case "23514": return "a check constraint is violated"
        default:
            switch sqlState.prefix(2) {
            case "22": return "a value is not valid (the database's text may quote it and was withheld)"
            case "0A": return "this is not supported (the database's text may quote a value and was withheld)"
            case "3D", "3F", "42":
                return "a name or expression is not valid (the database's text may quote a value and was withheld)"
            case "23": return "a constraint is violated (the database's text may quote a value and was withheld)"
            default: return "the statement failed (the database's text may quote a value and was withheld)"
            }
        }
    }
}

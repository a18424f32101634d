import Policy
import PostgresWire
import SQLInspection

/// Errors of the server's: what they do to the pipeline. What of them the client gets: ErrorHygiene.swift.
extension PostgresSession {
    mutating func takeError(_ fields: ResponseFields) throws(SessionFault) {
        if let severity = fields["V"], severity.elementsEqual("FATAL".utf8) || severity.elementsEqual("PANIC".utf8) {
            let answer = cleaned(fields)
            let sqlState = PostgresSession.sqlState(of: answer)
            currentRun.map { complete($0, sqlState: sqlState) }
            throw SessionFault(
                sqlState: sqlState, message: String(decoding: answer["M"] ?? [], as: UTF8.self),
                reason: "the database ended the connection: \(sqlState)")
        }
        switch exchanges.first {
        case nil: output.toClient(.errorResponse(cleaned(fields)))
        case .query(let exchange):
            let answer = exchange.refusal ?? currentRefusal() ?? cleaned(fields)
            if exchange.refusal == nil, let run = exchange.run {
                complete(run, sqlState: PostgresSession.sqlState(of: answer))
                exchange.current += 1
            }
            output.toClient(.errorResponse(answer))
            // A COPY FROM STDIN that fails is over; what the client still sends of it is dropped.
            if case .copyIn = gate { gate = .readyForQuery }
        case .searchPath(let exchange) where exchange.endsWithSync: exchange.failed = fields
        case .sync:
            // A constraint that is checked at the transaction's end, which comes with the Sync. ReadyForQuery follows.
            let answer = cleaned(fields)
            recordFailureAtEnd(PostgresSession.sqlState(of: answer))
            output.toClient(.errorResponse(answer))
        case .refusal(let refusal):
            output.toClient(.errorResponse(refusal))
            skipPipeline(PostgresSession.sqlState(of: refusal))
        case .some(let head):
            let answer = currentRefusal() ?? cleaned(fields)
            let sqlState = PostgresSession.sqlState(of: answer)
            if case .execute(let exchange) = head {
                complete(exchange.run, sqlState: sqlState)
            } else if let judged = statementAtWork {
                recordNotRun(judged, sqlState)
            }
            output.toClient(.errorResponse(answer))
            skipPipeline(sqlState)
        }
    }

    /// The session's own error in place of the server's.
    private mutating func currentRefusal() -> ResponseFields? {
        guard let run = currentRun else { return nil }
        return run.refusal ?? endedByBudget(run)
    }

    /// As the client sees it: one that code of the database's made up may be a part of a value.
    private static func sqlState(of fields: ResponseFields) -> String {
        String(decoding: fields["C"] ?? [], as: UTF8.self)
    }

    /// After an error the server skips to the next Sync, and so does the session.
    private mutating func skipPipeline(_ sqlState: String) {
        while let head = exchanges.first {
            switch head {
            case .sync: return
            case .execute(let exchange): complete(exchange.run, sqlState: sqlState)
            // A Query before the Sync is skipped like anything else.
            case .query(let exchange):
                while let run = exchange.run {
                    complete(run, sqlState: sqlState)
                    exchange.current += 1
                }
            default: break
            }
            exchanges.popFirst()
        }
        // The Sync is still to come. Whatever the next message waited for, it is skipped.
        segment.skipsUntilSync = true
        abandonHold()
        hold = nil
        reading = nil
        gate = .open
    }
}

import Policy
import PostgresWire
import SQLInspection

/// Errors of the server's: what they do to the pipeline. What of them the client gets: ErrorHygiene.swift.
extension PostgresSession {
    mutating func takeError(_ fields: ResponseFields) throws(SessionFault) {
        let sqlState = String(decoding: fields["C"] ?? [], as: UTF8.self)
        if let severity = fields["V"], severity.elementsEqual("FATAL".utf8) || severity.elementsEqual("PANIC".utf8) {
            let answer = cleaned(fields)
            currentRun.map { complete($0, sqlState: sqlState) }
            throw SessionFault(
                sqlState: sqlState, message: String(decoding: answer["M"] ?? [], as: UTF8.self),
                reason: "the database ended the connection: \(sqlState)")
        }
        switch exchanges.first {
        case nil: output.toClient(.errorResponse(cleaned(fields)))
        case .query(let exchange):
            if let refusal = exchange.refusal {
                output.toClient(.errorResponse(refusal))
            } else {
                let refusal = currentRefusal()
                let answer = refusal ?? cleaned(fields)
                if let run = exchange.run {
                    complete(run, sqlState: refusal?.sqlState ?? sqlState)
                    exchange.current += 1
                }
                output.toClient(.errorResponse(answer))
            }
            // A COPY FROM STDIN that fails is over; what the client still sends of it is dropped.
            if case .copyIn = gate { gate = .readyForQuery }
        case .searchPath(let exchange) where exchange.endsWithSync: exchange.failed = fields
        // A constraint that is checked at the transaction's end, which comes with the Sync. ReadyForQuery follows.
        case .sync: output.toClient(.errorResponse(cleaned(fields)))
        case .refusal(let refusal):
            output.toClient(.errorResponse(refusal))
            skipPipeline(sqlState)
        case .some:
            let refusal = currentRefusal()
            let answer = refusal ?? cleaned(fields)
            if case .execute(let exchange) = exchanges.first {
                complete(exchange.run, sqlState: refusal?.sqlState ?? sqlState)
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

    /// After an error the server skips to the next Sync, and so does the session.
    private mutating func skipPipeline(_ sqlState: String) {
        while let head = exchanges.first {
            if case .sync = head { return }
            if case .execute(let exchange) = head { complete(exchange.run, sqlState: sqlState) }
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

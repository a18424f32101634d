import Policy
import PostgresWire

/// What happens from outside.
extension PostgresSession {
    mutating func take(_ event: PostgresEvent) throws(SessionFault) {
        switch event {
        case .clientTLSEstablished: try tlsEstablished()
        case .identified(let identity): try identified(identity)
        case .identityRefused(let reason):
            throw SessionFault(
                sqlState: "28P01", message: "The token was not accepted: \(reason).",
                hint: "If it has expired or is meant for something else, get a new one.",
                reason: "token refused: \(reason)")
        case .upstreamReady(let greeting): try upstreamReady(greeting)
        case .upstreamFailed(let failure):
            throw SessionFault(
                sqlState: failure.sqlState, message: failure.message, reason: "no upstream: \(failure.detail)")
        case .upstreamClosed:
            throw SessionFault(
                sqlState: "08006", message: "The database closed the connection.",
                reason: "the upstream closed the connection")
        case .clientClosed:
            throw SessionFault(sqlState: "", message: "", reason: "the client closed the connection", isSilent: true)
        case .judged(let ticket, let reading):
            guard case .judgement(ticket) = gate else { return }
            self.reading = (ticket, reading)
            gate = .open
        case .approvalDecided(let decision): approvalDecided(decision)
        case .policyChanged(let policy):
            self.policy = policy
            policyEpoch += 1
            lane.forget()
            recordPolicyChanged()
        case .catalogChanged(let catalog): catalogChanged(catalog)
        case .catalogLost(let reason):
            throw SessionFault(
                sqlState: "57P01",
                message: "What this database's tables and views are made of could not be read again.",
                hint: "Nothing can be judged without it. Connect again.", reason: reason)
        case .identityChanged(let identity):
            guard self.identity != nil else { return }
            self.identity = identity
            policyEpoch += 1
            recordIdentityChanged("renewed")
            try checkTime()
        case .identityExpired: throw expired()
        case .revoked(let reason):
            recordIdentityChanged("revoked")
            throw SessionFault(
                sqlState: "28000", message: "The access of this identity was revoked.",
                hint: "Nothing more is permitted on this connection.", reason: "revoked: \(reason)")
        case .recordRefused(let reason):
            guard mustRecord else { return }
            throw SessionFault(
                sqlState: "53100", message: "What happens here cannot be recorded, so nothing more may happen.",
                hint: "Ask whoever operates the sidecar to look at its spool.", reason: "record refused: \(reason)")
        case .tick: try checkTime()
        case .drain: isDraining = true
        }
    }

    private mutating func catalogChanged(_ catalog: PostgresCatalog) {
        self.catalog = catalog
        if case .catalog = gate { gate = .open }
    }

    private mutating func expired() -> SessionFault {
        recordIdentityChanged("expired")
        return SessionFault(
            sqlState: "28000", message: "The token has expired.", hint: "Connect again with a new token.",
            reason: "the token expired")
    }

    /// Whatever is due by now.
    mutating func checkTime() throws(SessionFault) {
        switch phase {
        case .startup, .awaitingTLS, .awaitingPassword, .authenticating:
            if now.uptimeNanoseconds >= authenticationDeadline {
                throw SessionFault(
                    sqlState: "08006", message: "No identity was given in time.", reason: "authentication timeout")
            }
        default: break
        }
        if let expiry = identity?.expiresAtUnixSeconds, expiry <= now.unixSeconds { throw expired() }
        if let waiting = hold, waiting.isWaiting, now.uptimeNanoseconds >= waiting.deadlineNanoseconds {
            output.perform(.withdrawApproval(id: waiting.approvalID))
            approvalDecided(ApprovalDecision(approvalID: waiting.approvalID, outcome: .expired))
        }
    }

    /// Ends the session: everything that is under way is recorded as it stands, and nothing passes any more.
    mutating func end(_ fault: SessionFault) {
        let wasConnected = phase == .prologue || phase == .ready
        let isRunning = wasConnected && !exchanges.isEmpty
        let isBeforeStartup = phase == .startup || phase == .awaitingTLS
        if !isOpenRecorded, !isBeforeStartup || !fault.isSilent, !startup.database.isEmpty {
            recordOpened(refused: fault.reason)
        }
        abandonHold()
        while let exchange = exchanges.popFirst() {
            switch exchange {
            case .query(let exchange):
                while let run = exchange.run {
                    complete(run, sqlState: "", incomplete: true)
                    exchange.current += 1
                }
            case .execute(let exchange): complete(exchange.run, sqlState: "", incomplete: true)
            default: break
            }
        }
        if isOpenRecorded { recordClosed(fault.reason) }
        phase = .closed
        defer { releaseBuffers() }
        if !fault.isSilent, !upstream.isStreaming {
            output.toClient(
                .errorResponse(
                    ResponseFields(
                        severity: "FATAL", sqlState: fault.sqlState, message: fault.message, hint: fault.hint)))
        }
        // What runs on the server does not stop because its connection is gone.
        if isRunning { output.perform(.cancel(configuration.cancelKey)) }
        if wasConnected {
            // Not in the middle of a COPY, where nothing but its data may be said.
            if !isRunning { output.upstream.append(control: FrontendBytes(bytes: FrontendMessage.terminate.encoded)) }
        }
        output.perform(.closeClient)
        if wasConnected || greeting != nil { output.perform(.closeUpstream) }
    }
}

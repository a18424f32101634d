import HTTPInspection
import Policy
import Records
import WireBytes

/// What happens from outside, and how a session ends.
extension HTTPSession {
    mutating func take(_ event: HTTPEvent) throws(HTTPFault) {
        switch event {
        case .identified(let identity): try identified(identity)
        case .identityRefused(let reason):
            throw HTTPFault(
                status: 401, message: "The token was not accepted: \(reason).", reason: "token refused: \(reason)")
        case .resolved(let addresses): try resolved(addresses)
        case .upstreamReady: upstreamReady()
        case .upstreamFailed(let reason): upstreamFailed(reason)
        case .credentialSettled: isCredentialAwaited = false
        case .upstreamClosed: try upstreamClosed()
        case .requestRefused(let error): throw HTTPFault.ofClient(error)
        case .clientClosed:
            if let exchange, exchange.stage == .tunnel {
                return finishTunnel(exchange, "the client closed the connection")
            }
            throw HTTPFault(status: 0, message: "", reason: "the client closed the connection", isSilent: true)
        case .clientTLSFailed:
            throw HTTPFault(
                status: 0, message: "",
                reason: "the client did not take the sidecar's certificate: does it trust the trustFile?",
                isSilent: true)
        case .approvalDecided(let decision): approvalDecided(decision)
        case .policyChanged(let policy):
            self.policy = policy
            recordPolicyChanged()
            try judgeTunnelAgain()
            judgeSocketAgain()
        case .identityChanged(let identity):
            guard self.identity != nil else { return }
            self.identity = identity
            recordIdentityChanged("renewed")
            try checkTime()
        case .revoked(let reason):
            recordIdentityChanged("revoked")
            throw HTTPFault(
                status: 403, message: "The access of this identity was revoked.", reason: "revoked: \(reason)")
        case .recordRefused(let reason):
            guard mustRecord else { return }
            throw HTTPFault(
                status: 503, message: "What happens here cannot be recorded, so nothing more may happen.",
                reason: "record refused: \(reason)")
        case .tick: try checkTime()
        case .drain:
            isDraining = true
            exchange?.closesClient = true
            if let exchange, exchange.stage == .switched {
                closeSocket(exchange, code: 1001, message: "The sidecar stops.", isOfServer: true)
            }
        }
    }

    /// Ends the session in order: nothing is under way.
    mutating func close(_ reason: String) {
        guard phase == .open else { return }
        if isOpenRecorded { recordClosed(reason) }
        phase = .closed
        output.perform(.closeClient)
        closeUpstream()
        releaseBuffers()
    }

    /// Ends the session: what is under way is recorded as it stands, and nothing passes any more.
    mutating func end(_ fault: HTTPFault) {
        guard phase == .open else { return }
        let fault = isForward ? fault.saidByProxy(isOpened: egress.opened != nil) : fault
        let exchange = exchange
        let isAsked = exchange != nil || fault.isOfRequest
        if !isOpenRecorded, isAsked || !fault.isSilent { recordOpened(refused: fault.reason) }
        abandonHold()
        if let exchange, fault.isOfRequest { exchange.refusal = fault.reason }
        var told: RecordID?
        if isAsked, !fault.isSilent, exchange?.hasAnswer != true {
            // A request that could not be read has no exchange.
            let id = services.makeRecordID(now)
            told = id
            if identity != nil, exchange?.permission == nil { recordFault(exchange, fault, id: id) }
            exchange?.status = fault.status
            answerProblem(
                HTTPProblem(
                    status: fault.status, detail: fault.message, record: identity == nil ? nil : id.description),
                to: exchange, closes: true)
        }
        if let exchange { complete(exchange, incomplete: true, id: told) }
        self.exchange = nil
        if isOpenRecorded { recordClosed(fault.reason) }
        phase = .closed
        output.perform(.closeClient)
        closeUpstream()
        releaseBuffers()
    }

    mutating func closeUpstream() {
        if case .none = link { return }
        link = .none
        upstream.removeAll()
        output.perform(.closeUpstream)
    }
}

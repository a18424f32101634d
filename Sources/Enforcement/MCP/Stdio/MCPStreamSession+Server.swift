import Policy

/// What a server says, and what happens besides.
extension MCPStreamSession {
    mutating func takeFromServer(_ line: [UInt8]) throws(HTTPFault) {
        guard phase == .open else { return }
        let message: MCPMessage
        do throws(MCPFault) { message = try MCPMessage(line, isOfClient: false) } catch {
            // Programs print what is no message now and then; it is for nobody.
            return noteDropped("server line", "What the server wrote is no message: \(error.message)")
        }
        switch message.kind {
        case .request(let id, let method): takeRequest(line, id, method)
        case .notification: pass(line, answers(to: nil), request: nil)
        case .result(let id, _): takeAnswer(line, id)
        case .error(let id, _):
            guard let id else { return noteDropped("server error", "An error that answers nothing.") }
            takeAnswer(line, id)
        }
    }

    private mutating func takeAnswer(_ line: [UInt8], _ id: ArgumentValue) {
        guard let request = pending[id], let answers = request.answers else {
            return noteDropped("server answer", "An answer to what was not asked.")
        }
        pending[id] = nil
        pass(line, answers, request: request)
    }

    private mutating func takeRequest(_ line: [UInt8], _ id: ArgumentValue, _ method: String) {
        let answers = answers(to: nil)
        guard asked.count < Self.concurrent, case .pass(let message, _) = answers.take(line, isError: false) else {
            recordNotices(of: answers)
            // The server waits for an answer, and gets one.
            return writeToServer(
                MCPErrorMessage(
                    id: id, code: .denied, message: "Policy does not vouch for what a server asks of its client."
                ).bytes)
        }
        recordNotices(of: answers)
        asked.insert(id)
        write(message)
    }

    private mutating func pass(_ line: [UInt8], _ answers: MCPAnswers, request: MCPStreamRequest?) {
        request?.meter?.now = now.unixSeconds
        let passage = answers.take(line, isError: false)
        recordNotices(of: answers)
        let (message, refusal): ([UInt8]?, String) =
            switch passage {
            case .pass(let message, _): (message, "")
            case .dropped: (nil, "")
            // Where nothing is answered, nobody waits for an error.
            case .end(let message, let reason): (request == nil ? nil : message, reason)
            }
        if let request {
            request.masks += HTTPMaskCount.counts(of: answers.found, at: HTTPMaskCount.body)
            request.sentBytes = UInt64(message?.count ?? 0)
            if let recording = policy?.recording, recording.responses == .masked, let message {
                request.sample = Array(message.prefix(Int(clamping: recording.maxResponseBytes)))
            }
            complete(request, refusal: refusal)
        }
        if let message { write(message) }
    }

    /// Answers a server in its client's place. Nothing of a client's is in it.
    private mutating func writeToServer(_ message: [UInt8]) {
        guard let verdict = sessionVerdict, let permission = Permitted(StandingPermission(), by: verdict) else {
            return
        }
        try? output.upstream.write(of: permission) { bytes in bytes += message + [0x0A] }
    }

    // MARK: Events

    mutating func take(_ event: HTTPEvent) throws(HTTPFault) {
        switch event {
        case .identified(let identity): try identified(identity)
        case .identityRefused(let reason):
            throw HTTPFault(status: 401, message: "", reason: "token refused: \(reason)")
        case .upstreamReady, .requestRefused, .resolved, .clientTLSFailed, .credentialSettled: break
        case .upstreamFailed(let reason): throw HTTPFault(status: 502, message: "", reason: "no server: \(reason)")
        case .upstreamClosed: throw HTTPFault(status: 502, message: "", reason: "the server has ended")
        case .clientClosed: throw HTTPFault(status: 0, message: "", reason: "the client closed the connection")
        case .approvalDecided(let decision): approvalDecided(decision)
        case .policyChanged(let policy):
            self.policy = policy
            recordPolicyChanged()
        case .identityChanged(let identity):
            guard self.identity != nil else { return }
            self.identity = identity
            recordIdentityChanged("renewed")
        case .revoked(let reason):
            recordIdentityChanged("revoked")
            throw HTTPFault(status: 403, message: "", reason: "revoked: \(reason)")
        case .recordRefused(let reason):
            guard mustRecord else { return }
            throw HTTPFault(status: 503, message: "", reason: "record refused: \(reason)")
        case .tick: break
        case .drain: close("stopping")
        }
        try checkTime()
    }

    private mutating func identified(_ found: SessionIdentity) throws(HTTPFault) {
        guard phase == .identifying, let policy else {
            throw HTTPFault(status: 503, message: "", reason: "no policy is in force")
        }
        identity = found
        let verdict = policy.admission(of: found.subject, to: configuration.resource.name)
        guard verdict.outcome == .allow else {
            throw HTTPFault(status: 403, message: "", reason: "no rule allows the session")
        }
        sessionVerdict = verdict
        recordOpened(refused: "")
        phase = .open
    }

    /// Whatever is due by now.
    mutating func checkTime() throws(HTTPFault) {
        guard let identity else {
            if now.uptimeNanoseconds >= authenticationDeadline {
                throw HTTPFault(status: 408, message: "", reason: "authentication timeout")
            }
            return
        }
        if identity.expiresAtUnixSeconds <= now.unixSeconds {
            recordIdentityChanged("expired")
            throw HTTPFault(status: 401, message: "", reason: "the token expired")
        }
        for request in Array(pending.values) {
            guard let hold = request.hold, now.uptimeNanoseconds >= hold.deadlineNanoseconds else { continue }
            output.perform(.withdrawApproval(id: hold.approvalID))
            approvalDecided(ApprovalDecision(approvalID: hold.approvalID, outcome: .expired))
        }
    }
}

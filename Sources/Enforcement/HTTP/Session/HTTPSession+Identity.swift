import HTTPInspection
import Policy

/// Who asks.
extension HTTPSession {
    /// - Returns: Whether it is known.
    mutating func identify(_ exchange: HTTPExchange) throws(HTTPFault) -> Bool {
        guard policy != nil else {
            throw HTTPFault(status: 503, message: "No policy is in force, so nothing is permitted.")
        }
        if configuration.resource.tokenFile != nil || egress.opened != nil {
            if identity != nil {
                exchange.stage = .judgement
                return true
            }
            exchange.stage = .authentication
            output.perform(.authenticate(token: nil))
            return false
        }
        let sent = try isForward ? proxyToken(of: exchange.head) : bearer(of: exchange.head)
        // Who writes it in letters that Unicode takes for the same has it all the same.
        if identity != nil, let token, sent.value == token.value {
            exchange.stage = .judgement
            return true
        }
        token = sent
        exchange.stage = .authentication
        output.perform(.authenticate(token: sent))
        return false
    }

    /// `Authorization: Bearer …` (RFC 6750 §2.1), and no other way: a token in a form or a query is in logs.
    private func bearer(of head: HTTPRequestHead) throws(HTTPFault) -> ClientToken {
        let missing = HTTPFault(
            status: 401, message: "A token is needed: Authorization: Bearer, with the token of whoever asks.",
            reason: "no token")
        guard let value = head.fields.first(named: "authorization"), head.fields.count(of: "authorization") == 1 else {
            throw missing
        }
        let scheme = "bearer ".utf8
        guard value.count > scheme.count,
            zip(value, scheme).allSatisfy({ ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == $1 }),
            let text = String(validating: value.dropFirst(scheme.count), as: UTF8.self)
        else { throw missing }
        let token = text.drop { $0 == " " }
        guard !token.isEmpty else { throw missing }
        return ClientToken(String(token))
    }

    mutating func identified(_ found: SessionIdentity) throws(HTTPFault) {
        guard let exchange, exchange.stage == .authentication else { return }
        if let known = identity {
            guard known.subject.id == found.subject.id, known.subject.issuer == found.subject.issuer else {
                throw HTTPFault(
                    status: 421, message: "This connection is another identity's. Open one of your own.",
                    reason: "a token of another subject")
            }
            identity = found
            recordIdentityChanged("renewed")
        } else {
            identity = found
            try checkTime()
            guard let policy else { return }
            let verdict = policy.admission(of: found.subject, to: configuration.resource.name)
            guard verdict.outcome == .allow else {
                throw HTTPFault(
                    status: 403, message: verdict.refusalOfSession, reason: "no rule allows the session")
            }
            recordOpened(refused: "")
        }
        try checkTime()
        exchange.stage = .judgement
    }

    /// Whatever is due by now.
    mutating func checkTime() throws(HTTPFault) {
        guard let identity else {
            if now.uptimeNanoseconds >= authenticationDeadline {
                throw HTTPFault(
                    status: 408, message: "No request with an identity came in time.", reason: "authentication timeout")
            }
            return
        }
        if identity.expiresAtUnixSeconds <= now.unixSeconds {
            recordIdentityChanged("expired")
            throw HTTPFault(
                status: 401, message: "The token has expired. Ask again with a new one.", reason: "the token expired")
        }
        if let hold = exchange?.hold, hold.isWaiting, now.uptimeNanoseconds >= hold.deadlineNanoseconds {
            output.perform(.withdrawApproval(id: hold.approvalID))
            approvalDecided(ApprovalDecision(approvalID: hold.approvalID, outcome: .expired))
        }
        if let exchange, let end = exchange.silenceEndNanoseconds, now.uptimeNanoseconds >= end {
            fail(
                exchange, status: 504,
                message:
                    "The service said nothing for \(Wording.time(seconds: Int64(HTTPLaneLimits.silence)))."
                    + " Whether it did what was asked is not known.",
                reason: "the exchange stood still for too long")
        }
    }
}

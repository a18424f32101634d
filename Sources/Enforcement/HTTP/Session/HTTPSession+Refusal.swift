import HTTPInspection
import Policy
import Records

/// What a client gets for a request that does not pass.
extension HTTPSession {
    /// Records a refusal and answers it. What comes of the request's body is dropped.
    mutating func refuse(
        _ exchange: HTTPExchange, status: Int, message: String, hint: String? = nil, approvalID: String = ""
    ) {
        let id = services.makeRecordID(now)
        recordJudged(exchange, outcome: .deny, message: message, approvalID: approvalID, id: id)
        exchange.isJudgementRecorded = true
        exchange.isCompleted = true
        if exchange.isSent {
            // It has the beginning of a request, and must not take it for a whole one.
            closeUpstream()
        }
        exchange.stage = .refused
        guard !exchange.hasAnswer else {
            exchange.closesClient = true
            return
        }
        // Whether a client that waits to be told to go on sends its body all the same is not known.
        let isUnknown = exchange.head.expectsContinue && !exchange.saidContinue && exchange.hasBody
        let isLong: Bool =
            if case .length(let count) = exchange.framing { count > HTTPLaneLimits.droppedBody } else { false }
        answerProblem(
            HTTPProblem(status: status, detail: message, hint: hint, record: id.description, approval: approvalID),
            to: exchange, closes: exchange.closesClient || !exchange.isRequestRead && (isUnknown || isLong))
    }

    mutating func refuse(_ exchange: HTTPExchange, _ refusal: BodyRefusal) {
        refuse(exchange, status: refusal.status, message: "The body is not taken: \(refusal.message).")
    }

    mutating func refuseFindings(_ exchange: HTTPExchange, in places: [String]) {
        refuse(
            exchange, status: 403,
            message:
                "What policy classifies may not be sent there: it was found in \(places.joined(separator: " and ")).")
    }

    /// Answers an exchange that was let through in the upstream's place: there is none, or it answered what cannot be passed on.
    mutating func fail(_ exchange: HTTPExchange, status: Int, message: String, reason: String) {
        exchange.refusal = reason
        closeUpstream()
        if exchange.hasAnswer {
            // The client must not take what it has for all of it.
            exchange.closesClient = true
            complete(exchange, incomplete: true)
            return endExchange(exchange)
        }
        exchange.status = status
        let id = services.makeRecordID(now)
        complete(exchange, id: id)
        let isRead = exchange.isRequestRead
        answerProblem(
            HTTPProblem(status: status, detail: message, record: id.description), to: exchange,
            closes: exchange.closesClient || !isRead)
        exchange.isRequestRead = true
        exchange.stage = .refused
    }

    /// - Parameter exchange: `nil`: a request that could not be read.
    mutating func answerProblem(_ problem: HTTPProblem, to exchange: HTTPExchange?, closes: Bool) {
        exchange?.hasAnswer = true
        exchange?.closesClient = closes || exchange?.closesClient == true
        if let exchange, let message = exchange.mcp?.error(of: problem) {
            return message.write(closes: exchange.closesClient, into: &output.client)
        }
        problem.write(
            answering: exchange?.head.kind ?? .ordinary, closes: exchange?.closesClient ?? true, into: &output.client)
    }
}

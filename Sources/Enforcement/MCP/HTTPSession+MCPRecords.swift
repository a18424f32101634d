import FoundationEssentials
import Policy
import Records

/// What records tell of a server's messages.
extension HTTPSession {
    /// Call it before what comes of them is handed out.
    mutating func recordNotices(of exchange: HTTPExchange) {
        guard let work = exchange.mask as? MCPAnswerWork else { return }
        for notice in work.answers.takeNotices() {
            recordJudgement(of: exchange)
            exchangeCount += 1
            var judged = PBStatementJudged()
            judged.statement = exchangeCount
            if policy?.recording.statements != Recording.Content.none { judged.text = notice.text }
            judged.outcome = notice.isAllowed ? .allow : .deny
            judged.message = notice.message
            judged.features = notice.features.names
            judged.objects = notice.objects
            judged.policyDigest = Data(policy?.digest ?? [])
            record(.statement(judged))
        }
    }
}

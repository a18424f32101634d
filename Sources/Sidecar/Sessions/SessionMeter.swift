import Enforcement
import Records

/// Counts what a session's records say; the records are the one account of what happened.
struct SessionMeter {
    private var isOpen = false
    private var holds = 0

    mutating func count(_ event: PBRecord.OneOf_Event, in metrics: SidecarMetrics) {
        switch event {
        case .sessionOpened(let opened):
            if opened.refused.isEmpty {
                metrics.sessionsTotal.add()
                metrics.sessionsOpen.add(1)
                isOpen = true
            } else {
                metrics.sessionsRefused.add()
            }
        case .statement(let statement):
            switch statement.outcome {
            case .allow: metrics.statementsAllowed.add()
            case .hold: metrics.statementsHeld.add()
            case .deny: metrics.statementsDenied.add()
            case .unspecified, .UNRECOGNIZED: break
            }
        case .statementRun(let run):
            metrics.statementsAllowed.add()
            count(run.completed, in: metrics)
        case .completed(let completed): count(completed, in: metrics)
        case .approvalAsked:
            holds += 1
            metrics.holdsWaiting.add(1)
        case .approvalAnswered:
            guard holds > 0 else { return }
            holds -= 1
            metrics.holdsWaiting.add(-1)
        default:
            break
        }
    }

    private func count(_ completed: PBStatementCompleted, in metrics: SidecarMetrics) {
        metrics.statementSeconds.record(microseconds: completed.durationUs)
        let masked = completed.masks.reduce(0) { $0 &+ $1.values }
        if masked > 0 { metrics.masksApplied.add(masked) }
    }

    /// Counts what an encoded event tells.
    func count(_ tally: StatementTally, in metrics: SidecarMetrics) {
        if tally.isJudged { metrics.statementsAllowed.add() }
        if let duration = tally.durationMicroseconds { metrics.statementSeconds.record(microseconds: duration) }
        if tally.maskedValues > 0 { metrics.masksApplied.add(tally.maskedValues) }
    }

    mutating func end(in metrics: SidecarMetrics) {
        if isOpen { metrics.sessionsOpen.add(-1) }
        metrics.holdsWaiting.add(-Int64(holds))
        isOpen = false
        holds = 0
    }
}

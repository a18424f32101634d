import Observability
import Synchronization

/// Counters of the collector, and their text for Prometheus (exposition format 0.0.4).
final class Metrics: Sendable {
    private struct State {
        var stored: UInt64 = 0
        var duplicates: UInt64 = 0
        var batches: UInt64 = 0
        var transactions: UInt64 = 0
        var failures: UInt64 = 0
        var lastCommitFailed = false
        var findings: [FindingKind: UInt64] = [:]
        var requests: [Int: UInt64] = [:]
        var decisions: [ApprovalState: UInt64] = [:]
        var refusedConnections: UInt64 = 0
        var unrestoredBatches: UInt64 = 0
    }

    /// What is not counted here but measured when asked.
    struct Gauges {
        var connectedSidecars: Int
        var pendingApprovals: Int
        var openFindings: Int
        var databaseBytes: Int64
    }

    private let state = Mutex(State())

    func committed(_ outcome: RecordIngest.Outcome, batches: Int) {
        state.withLock { state in
            state.stored += UInt64(outcome.stored)
            state.duplicates += UInt64(outcome.duplicates)
            state.batches += UInt64(batches)
            state.transactions += 1
            state.lastCommitFailed = false
            for (kind, count) in outcome.findings { state.findings[kind, default: 0] += UInt64(count) }
        }
    }

    func commitFailed() {
        state.withLock { state in
            state.failures += 1
            state.lastCommitFailed = true
        }
    }

    func found(_ kind: FindingKind, count: Int) {
        state.withLock { $0.findings[kind, default: 0] += UInt64(count) }
    }

    func answered(status: Int) {
        state.withLock { $0.requests[status, default: 0] += 1 }
    }

    func decided(_ outcome: ApprovalState) {
        state.withLock { $0.decisions[outcome, default: 0] += 1 }
    }

    func refusedConnection() {
        state.withLock { $0.refusedConnections += 1 }
    }

    func unrestoredBatch() {
        state.withLock { $0.unrestoredBatches += 1 }
    }

    /// Whether the last transaction with records went through.
    var isStoring: Bool { state.withLock { !$0.lastCommitFailed } }

    func text(_ gauges: Gauges) -> String {
        let now = state.withLock { $0 }
        var text = PrometheusText()
        text.counter("stile_collector_records_stored_total", "Records made durable.", now.stored)
        text.counter("stile_collector_records_duplicate_total", "Records that were here already.", now.duplicates)
        text.counter("stile_collector_batches_total", "Batches acknowledged.", now.batches)
        text.counter(
            "stile_collector_batches_unrestored_total", "Batches not restored, whose records came again as they are.",
            now.unrestoredBatches)
        text.counter("stile_collector_transactions_total", "Transactions that stored records.", now.transactions)
        text.counter("stile_collector_transaction_failures_total", "Transactions that failed.", now.failures)
        text.counter("stile_collector_uplink_refused_total", "Sidecars not let in.", now.refusedConnections)
        text.counter(
            "stile_collector_findings_total", "Findings, by kind.",
            FindingKind.allCases.map { ("kind=\"\($0.rawValue)\"", now.findings[$0] ?? 0) })
        text.counter(
            "stile_collector_http_requests_total", "Answers of the audit API, by status.",
            now.requests.sorted { $0.key < $1.key }.map { ("status=\"\($0.key)\"", $0.value) })
        text.counter(
            "stile_collector_approvals_decided_total", "Approvals decided, by outcome.",
            [ApprovalState.approved, .denied].map { ("outcome=\"\($0.rawValue)\"", now.decisions[$0] ?? 0) })
        text.gauge("stile_collector_sidecars", "Sidecars connected.", Int64(gauges.connectedSidecars))
        text.gauge(
            "stile_collector_approvals_pending", "Approvals that wait for a person.", Int64(gauges.pendingApprovals))
        text.gauge("stile_collector_findings_open", "Findings not mended.", Int64(gauges.openFindings))
        text.gauge("stile_collector_database_bytes", "Size of the store.", gauges.databaseBytes)
        return text.text
    }
}

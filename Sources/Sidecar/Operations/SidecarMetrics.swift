public import Enforcement
public import Observability

/// Everything that a sidecar counts. docs/metrics.md describes each; no label ever holds a user, a statement or a value.
public final class SidecarMetrics: Sendable {
    public let sessionsOpen = Gauge()
    public let sessionsTotal = Counter()
    public let sessionsRefused = Counter()
    public let statementsAllowed = Counter()
    public let statementsHeld = Counter()
    public let statementsDenied = Counter()
    public let statementSeconds = DurationHistogram()
    public let masksApplied = Counter()
    public let holdsWaiting = Gauge()
    public let upstreamConnects = Counter()
    public let upstreamFailures = Counter()
    public let bytesFromClients = Counter()
    public let bytesToClients = Counter()
    public let recordsAppended = Counter()
    public let recordsAcknowledged = Counter()
    public let uplinkBatches = Counter()
    public let uplinkBytes = Counter()
    public let spoolBytes = Gauge()
    public let spoolRefusals = Counter()
    public let collectorConnected = Gauge()
    public let policyReloads = Counter()
    public let policyRejections = Counter()
    public let policyRules = Gauge()
    public let catalogLoads = Counter()
    public let catalogFailures = Counter()
    public let tokensRefused = Counter()

    /// What the sessions hold of long messages, which is bounded.
    public let buffers: BufferBudget

    public init(buffers: BufferBudget = BufferBudget()) {
        self.buffers = buffers
    }

    /// The metrics in Prometheus' text format 0.0.4.
    public func render() -> String {
        var text = PrometheusText()
        text.gauge("stile_sessions_open", "Sessions that are open.", sessionsOpen.value)
        text.counter("stile_sessions_total", "Sessions that were let in.", sessionsTotal.value)
        text.counter("stile_sessions_refused_total", "Sessions that were not let in.", sessionsRefused.value)
        text.counter(
            "stile_statements_total", "Statements judged, by verdict.",
            [
                (#"verdict="allow""#, statementsAllowed.value), (#"verdict="hold""#, statementsHeld.value),
                (#"verdict="deny""#, statementsDenied.value),
            ])
        text.histogram(
            "stile_statement_duration_seconds", "From the release of a statement to its end.", statementSeconds)
        text.counter("stile_masked_values_total", "Values that were masked.", masksApplied.value)
        text.gauge("stile_holds_waiting", "Statements that wait for an approval.", holdsWaiting.value)
        text.counter("stile_upstream_connects_total", "Connections made to upstreams.", upstreamConnects.value)
        text.counter(
            "stile_upstream_failures_total", "Connections or logins to upstreams that failed.", upstreamFailures.value)
        text.counter("stile_client_received_bytes_total", "Bytes from clients.", bytesFromClients.value)
        text.counter("stile_client_sent_bytes_total", "Bytes to clients.", bytesToClients.value)
        text.gauge(
            "stile_buffered_bytes", "Memory that sessions hold for long messages under way.", Int64(buffers.held))
        text.counter(
            "stile_buffer_refusals_total", "Messages that the sessions had no room for.", buffers.refusals)
        text.counter("stile_records_appended_total", "Records written to the spool.", recordsAppended.value)
        text.counter(
            "stile_records_acknowledged_total", "Records that the collector has stored.", recordsAcknowledged.value)
        text.counter("stile_uplink_batches_total", "Batches of records sent to the collector.", uplinkBatches.value)
        text.counter("stile_uplink_bytes_total", "Bytes of those batches, as sent.", uplinkBytes.value)
        text.gauge("stile_spool_bytes", "Bytes of the spool's segment files.", spoolBytes.value)
        text.counter(
            "stile_spool_refusals_total", "Records that the spool had no room for.", spoolRefusals.value)
        text.gauge(
            "stile_collector_connected", "1 while the collector is connected.", collectorConnected.value)
        text.counter("stile_policy_reloads_total", "Policies that took over.", policyReloads.value)
        text.counter("stile_policy_rejections_total", "Policies that were not taken.", policyRejections.value)
        text.gauge("stile_policy_rules", "Rules in force.", policyRules.value)
        text.counter("stile_catalog_loads_total", "Catalogs read from upstreams.", catalogLoads.value)
        text.counter(
            "stile_catalog_failures_total", "Catalogs that could not be read.", catalogFailures.value)
        text.counter("stile_tokens_refused_total", "Tokens that were refused.", tokensRefused.value)
        return text.text
    }
}

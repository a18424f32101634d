import Enforcement
import Logging
import Records

/// Keeps a session's records in its chain, and counts what they say.
struct SessionLedger {
    private let chain: any RecordChain
    private let metrics: SidecarMetrics
    private let logger: Logger
    private var meter = SessionMeter()

    init(_ environment: SessionEnvironment, sessionID: RecordID, _ logger: Logger) {
        chain = environment.records.openChain(sessionID: sessionID.bytes)
        metrics = environment.metrics
        self.logger = logger
    }

    /// - Parameters:
    ///   - id: What a client was told; `nil` when nobody was told one.
    ///   - time: When it happened, in microseconds since 1970.
    /// - Returns: Whether it was kept.
    mutating func keep(_ event: PBRecord.OneOf_Event, id: RecordID?, at time: Int64) -> Bool {
        meter.count(event, in: metrics)
        do throws(RecordRefusal) {
            try chain.append(event, id: id, timeUnixMicroseconds: time)
            return true
        } catch {
            return refused(error)
        }
    }

    /// The same for an event that is encoded already.
    mutating func keep(
        _ event: RecordEnvelope.Event, message: Span<UInt8>, _ tally: StatementTally, id: RecordID?, at time: Int64
    ) -> Bool {
        meter.count(tally, in: metrics)
        do throws(RecordRefusal) {
            try chain.append(event, message: message, id: id, timeUnixMicroseconds: time)
            return true
        } catch {
            return refused(error)
        }
    }

    private func refused(_ error: RecordRefusal) -> Bool {
        metrics.spoolRefusals.add()
        logger.error("a record could not be kept", metadata: ["reason": "\(error)"])
        return false
    }

    /// The session is over.
    mutating func end() {
        meter.end(in: metrics)
    }
}

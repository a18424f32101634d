import Enforcement
import FoundationEssentials
import Records
import SwiftProtobuf
import UplinkProtocol

/// The sidecar's side of the uplink's protocol, without the wire: what to send next, and what an answer means.
///
/// Records go out in the order of the spool, a window of batches at a time. They leave the spool only by an
/// acknowledgement on the connection that they were sent on; a break sends all that was not acknowledged again.
struct UplinkMachine {
    enum Phase { case offline, greeting, online }

    /// What a message from the collector comes to.
    enum Event {
        case welcomed(collectorID: String, revocations: [PBRevocation])
        /// All records up to this place are stored.
        case stored(SpoolPosition, records: UInt64)
        case decided(approvalID: String, ApprovalDecision.Outcome)
        case revocation(PBRevocation)
        /// Nothing: an answer that nobody waits for any more.
        case ignored
        /// The collector does not keep to the protocol: the connection must end.
        case violation(String)
    }

    private struct Flight {
        var batch: UInt64
        var end: SpoolPosition
        var records: UInt64
    }

    private(set) var phase = Phase.offline
    private(set) var approvals = PendingApprovals()
    private let window: Int
    private var control: [PBFromSidecar] = []
    private var flights: [Flight] = []
    private var sentBatches: UInt64 = 0
    /// Whether the collector can restore packed batches.
    private(set) var takesPacked = false
    private(set) var cursor = SpoolPosition(segment: 0, offset: 0, ordinal: 0)

    init(window: Int) {
        self.window = max(1, window)
    }

    // MARK: The connection

    /// - Parameter start: The place before the oldest record that is not acknowledged.
    mutating func connected(_ hello: PBHello, from start: SpoolPosition) {
        phase = .greeting
        control = [.with { $0.hello = hello }]
        flights = []
        sentBatches = 0
        cursor = start
    }

    mutating func disconnected() {
        phase = .offline
        control = []
        flights = []
    }

    // MARK: Sending

    /// The next message that is no record.
    mutating func nextControl() -> PBFromSidecar? {
        control.isEmpty ? nil : control.removeFirst()
    }

    /// Whether there is something to say besides records.
    var hasControl: Bool { !control.isEmpty }

    /// Whether the window has room for another batch.
    var wantsRecords: Bool { phase == .online && flights.count < window }

    /// Whether all that was sent is acknowledged.
    var isSettled: Bool { flights.isEmpty && control.isEmpty }

    /// Takes records on their way.
    ///
    /// - Parameter packed: The batch's records, packed; `nil` to send them as they are.
    /// - Returns: The message; `nil` for a batch without records, whose end is where to read on nonetheless.
    mutating func send(_ batch: SpoolBatch, packed: BatchEncoder.Batch?) -> PBFromSidecar? {
        cursor = batch.next
        guard !batch.ranges.isEmpty else { return nil }
        sentBatches += 1
        flights.append(Flight(batch: sentBatches, end: batch.next, records: UInt64(batch.ranges.count)))
        return .with {
            $0.records.batch = sentBatches
            if let packed {
                $0.records.encoding = BatchLimits.encoding
                $0.records.size = UInt32(clamping: packed.size)
                $0.records.content = Data(packed.content)
            } else {
                $0.records.records = batch.ranges.map { Data(batch.content[$0]) }
            }
        }
    }

    mutating func beat(_ heartbeat: PBHeartbeat) {
        guard phase == .online else { return }
        control.append(.with { $0.heartbeat = heartbeat })
    }

    mutating func ask(_ request: PBApprovalRequest) {
        approvals.add(request)
        guard phase == .online else { return }
        control.append(.with { $0.approval = request })
    }

    /// - Returns: Whether it was waited for.
    mutating func withdraw(_ approvalID: String, reason: String) -> Bool {
        guard approvals.remove(approvalID) else { return false }
        // While the connection is away, the collector lets it expire.
        if phase == .online {
            control.append(
                .with {
                    $0.withdrawn.approvalID = approvalID
                    $0.withdrawn.reason = reason
                })
        }
        return true
    }

    /// - Parameter now: Seconds since 1970.
    mutating func expire(now: Int64) -> [String] { approvals.expire(now: now) }

    // MARK: Receiving

    /// - Parameter now: Seconds since 1970.
    mutating func received(_ message: PBFromCollector, now: Int64) -> Event {
        switch (phase, message.message) {
        case (.offline, _): return .ignored
        case (.greeting, .welcome(let welcome)):
            phase = .online
            takesPacked = welcome.batchEncoding >= BatchLimits.encoding
            control += approvals.all.map { request in .with { $0.approval = request } }
            return .welcomed(collectorID: welcome.collectorID, revocations: welcome.revocations)
        case (.greeting, _): return .violation("the collector's first message is not its welcome")
        case (.online, .welcome): return .violation("the collector welcomed twice")
        case (.online, .stored(let stored)): return acknowledged(upTo: stored.batch)
        case (.online, .decision(let decision)):
            guard let outcome = approvals.answer(decision, now: now) else { return .ignored }
            return .decided(approvalID: decision.approvalID, outcome)
        case (.online, .revocation(let revocation)): return .revocation(revocation)
        case (.online, nil): return .ignored  // of a later version
        }
    }

    private mutating func acknowledged(upTo batch: UInt64) -> Event {
        guard batch <= sentBatches else {
            return .violation("the collector acknowledged batch \(batch) of \(sentBatches)")
        }
        let stored = flights.prefix { $0.batch <= batch }
        guard let last = stored.last else { return .ignored }
        let records = stored.reduce(0) { $0 + $1.records }
        flights.removeFirst(stored.count)
        return .stored(last.end, records: records)
    }
}

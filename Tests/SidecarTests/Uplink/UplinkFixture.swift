import Enforcement
import Foundation
import Logging
import NIOPosix
import Records
import Sidecar
import SwiftProtobuf
import Synchronization
import TestKit
import UplinkProtocol

/// A spool, a collector and what it takes to join them.
struct UplinkFixture {
    let spools: SpoolFixture
    let spool: Spool
    let collector = TestCollector()
    let revocations = TestRevocations()
    let metrics = SidecarMetrics()
    /// Where nobody listens until a collector of this test does.
    let port: LoopbackPort

    init() throws {
        port = try LoopbackPort()
        spools = try SpoolFixture(maximumBytes: 4 << 20)
        spool = try spools.open().spool
    }

    func uplink(port: Int, _ adjust: (inout UplinkConfiguration) -> Void = { _ in }) throws -> Uplink {
        var configuration = UplinkConfiguration(
            hello: .with { $0.sidecarID = "sidecar-1" }, revocationsFile: spools.folder["revocations"])
        configuration.batchRecords = 10
        configuration.windowBatches = 4
        configuration.shortestPause = .milliseconds(5)
        configuration.longestPause = .milliseconds(50)
        configuration.heartbeatInterval = .milliseconds(50)
        adjust(&configuration)
        var logger = Logger(label: "uplink")
        logger.logLevel = .critical
        return try Uplink(
            configuration: configuration, spool: spool,
            transport: GRPCUplinkTransport(.init(host: "127.0.0.1", port: port)), condition: TestCondition(),
            revocations: revocations, metrics: metrics, logger: logger)
    }

    /// Runs an uplink while `body` does, and the spool's commits unless the test makes them.
    func running(_ uplink: Uplink, commits: Bool = true, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await uplink.run() }
            if commits {
                group.addTask {
                    // A pool of its own: it is taken for as long as the test runs, and tests run side by side.
                    let threads = NIOThreadPool(numberOfThreads: 1)
                    threads.start()
                    try? await spool.commitRegularly(on: threads)
                    try await threads.shutdownGracefully()
                }
            }
            do { try await body() } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
        }
    }

    /// A whole session of `count` statements.
    func record(_ count: Int, session: Int64 = 1) throws {
        var recorder = spools.recorder(spool, session)
        try recorder.open()
        for index in 0..<count { try recorder.say("select \(index)") }
        try recorder.close()
    }

    static func request(_ id: String, expires: Int64 = 4_000_000_000) -> PBApprovalRequest {
        .with {
            $0.approvalID = id
            $0.binding = Data(id.utf8)
            $0.expiresUnixS = expires
        }
    }

    static func approve(_ request: PBApprovalRequest) -> PBApprovalDecision {
        .with {
            $0.approvalID = request.approvalID
            $0.binding = request.binding
            $0.approved = true
            $0.approver = "alice"
        }
    }
}

/// Gathers what was decided.
final class Outcomes: Sendable {
    private let outcomes = Mutex<[ApprovalDecision.Outcome]>([])

    var all: [ApprovalDecision.Outcome] { outcomes.withLock { $0 } }
    func add(_ outcome: ApprovalDecision.Outcome) { outcomes.withLock { $0.append(outcome) } }
}

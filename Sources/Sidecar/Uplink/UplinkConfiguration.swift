package import UplinkProtocol

/// How the sidecar talks to its collector.
package struct UplinkConfiguration: Sendable {
    /// What the sidecar says of itself when it connects; the policy is filled in from its condition.
    package var hello: PBHello
    /// How many batches may wait for their acknowledgement. With the batch's size it bounds what is sent again after
    /// a break, and what the collector holds.
    package var windowBatches = 8
    package var batchRecords = 4_096
    /// A longer record goes alone. With the most that a record may have it stays under the 4 MiB that gRPC takes.
    package var batchBytes = 256 << 10
    package var heartbeatInterval: Duration = .seconds(10)
    /// How long the collector may take from the connection to its welcome.
    package var welcomeTimeout: Duration = .seconds(15)
    /// How long, at the end, records are still sent.
    package var drainTimeout: Duration = .seconds(5)
    /// The first pause after a failed connection; each further one is twice as long.
    package var shortestPause: Duration = .milliseconds(200)
    package var longestPause: Duration = .seconds(15)
    /// Where the revocations in force are kept, so that a restart while the collector is away forgets none; `nil`:
    /// nowhere.
    package var revocationsFile: String?

    package init(hello: PBHello, revocationsFile: String? = nil) {
        self.hello = hello
        self.revocationsFile = revocationsFile
    }
}

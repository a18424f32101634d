package import Enforcement
package import UplinkProtocol

/// Asks people. Requests outlive a broken connection to the collector: they are asked again when it is back.
package protocol ApprovalDesk: Sendable {
    /// - Parameter decided: called once, on any thread; never when the request is withdrawn first. With no collector
    ///   configured it is called at once with `unavailable`. A decision whose binding differs from the request's is no
    ///   decision.
    func ask(_ request: PBApprovalRequest, decided: @escaping @Sendable (ApprovalDecision.Outcome) -> Void)
    /// Nobody waits for it any more.
    func withdraw(approvalID: String, reason: String)
}

/// What the collector tells of who is no longer welcome.
package protocol RevocationListening: Sendable {
    /// One revocation, new or lifted. On any thread.
    func revocationChanged(_ revocation: PBRevocation)
    /// All that are in force, after a connection to the collector was made. On any thread.
    func revocationsReplaced(_ revocations: [PBRevocation])
}

/// What the uplink tells the collector of the sidecar's condition, and readiness of the uplink.
package protocol SidecarConditionReporting: Sendable {
    var openSessions: UInt64 { get }
    var policyDigest: [UInt8] { get }
    var policyName: String { get }
}

import Enforcement
import FoundationEssentials
import Identity
import Policy
import Records
import UplinkProtocol

extension PBApprovalRequest {
    init(_ ask: ApprovalAsk, sessionID: RecordID, token: VerifiedToken?, agent: AgentDescription) {
        self.init()
        approvalID = ask.id
        self.sessionID = Data(sessionID.bytes)
        subject = PBSubject(ask.subject, token: token)
        self.agent = PBAgent(agent)
        resource = ask.resource
        text = ask.statement
        parameters = ask.parameters
        rules = ask.rules
        message = ask.message ?? ""
        // For a collector that knows one list alone: the groups that satisfy every rule that holds.
        groups = ask.terms.groups
        approverGroups = ask.approverGroups.map(PBApproverGroups.init)
        expiresUnixS = ask.expiresAtUnixSeconds
        binding = Data(ask.binding)
        mode = ask.terms.mode == .return ? "return" : "wait"
    }
}

extension PBSubject {
    init(_ subject: Policy.Subject, token: VerifiedToken?) {
        self.init()
        id = subject.id
        issuer = subject.issuer
        groups = subject.groups
        actors = subject.actors
        expiresUnixS = token?.expiresAt ?? 0
        tokenID = token?.tokenID ?? ""
    }
}

extension PBAgent {
    init(_ agent: AgentDescription) {
        self.init()
        namespace = agent.namespace
        workload = agent.workload
        pod = agent.pod
        sidecarID = agent.sidecarID
    }
}

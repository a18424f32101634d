// The JSON of the audit API, for the server and for whoever reads it: docs/openapi.yaml says the same in its words.

/// One page of a listing.
public struct Page<Item: Codable & Sendable>: Codable, Sendable {
    public var items: [Item]
    /// Where the next page begins; absent on the last.
    public var next: String?

    public init(items: [Item], next: String?) {
        self.items = items
        self.next = next
    }
}

/// A session, and what it came to so far.
public struct SessionView: Codable, Sendable {
    public var id: String
    public var sidecarId: String
    public var subject: String?
    public var issuer: String?
    public var groups: [String]
    public var actors: [String]
    public var resource: String?
    public var `protocol`: String?
    public var client: String?
    public var database: String?
    public var namespace: String?
    public var workload: String?
    public var pod: String?
    public var policyDigest: String?
    /// Why it was not let in; absent when it was.
    public var refused: String?
    public var opened: Timestamp?
    public var lastActivity: Timestamp
    public var closed: Timestamp?
    public var closeReason: String?
    public var signature: SignatureStatus?
    public var records: Int64
    public var statements: Int64
    public var denied: Int64
    public var held: Int64
    public var rows: Int64
    public var bytes: Int64
    public var maskedValues: Int64
    /// How many findings are open.
    public var findings: Int64
    /// Whether the chain is whole as far as it has come.
    public var intact: Bool
}

/// Something wrong with the evidence.
public struct FindingView: Codable, Sendable {
    public var id: Int64
    public var kind: FindingKind
    public var sessionId: String?
    public var sequence: Int64
    public var sidecarId: String
    public var detail: String
    public var found: Timestamp
    /// When it was mended by what came later; absent while it stands.
    public var resolved: Timestamp?
}

/// A request for approval and where it stands.
public struct ApprovalView: Codable, Sendable {
    public var id: String
    public var state: ApprovalState
    public var sidecarId: String
    public var sessionId: String
    public var statement: UInt64
    public var subject: String
    public var issuer: String
    public var subjectGroups: [String]
    public var actors: [String]
    public var namespace: String?
    public var workload: String?
    public var pod: String?
    public var resource: String
    /// Masked.
    public var text: String
    /// Masked.
    public var parameters: [String]
    public var rules: [String]
    public var message: String
    public var objects: [String]
    public var classifications: [String]
    /// Every group that the request names: whose members see it.
    public var groups: [String]
    /// Whoever decides is in one group of each list.
    public var approverGroups: [[String]]
    public var mode: String
    public var asked: Timestamp
    public var expires: Timestamp
    public var decided: Timestamp?
    public var approver: String?
    public var reason: String?
    /// When the statement was let pass by it.
    public var used: Timestamp?
    /// Whether the caller may decide it; `obstacle` says why not.
    public var decidable: Bool
    public var obstacle: String?
    /// Grows with every change of any approval.
    public var change: Int64
}

/// A reason given with a decision.
public struct DecisionBody: Codable, Sendable {
    public var reason: String?

    public init(reason: String?) {
        self.reason = reason
    }
}

/// A revocation: sessions that match are ended, and none is let in until it is lifted.
public struct RevocationView: Codable, Sendable {
    public var id: String
    public var subject: String?
    public var issuer: String?
    public var sessionId: String?
    public var reason: String
    /// Only tokens issued before this are meant.
    public var before: Timestamp?
    public var created: Timestamp
    public var createdBy: String
    public var lifted: Timestamp?
    public var liftedBy: String?
}

/// What a new revocation says; at least one of subject, issuer and session.
public struct RevocationBody: Codable, Sendable {
    public var subject: String?
    public var issuer: String?
    public var sessionId: String?
    public var reason: String
    public var before: Timestamp?

    public init(subject: String?, issuer: String?, sessionId: String?, reason: String, before: Timestamp?) {
        self.subject = subject
        self.issuer = issuer
        self.sessionId = sessionId
        self.reason = reason
        self.before = before
    }
}

/// A sidecar as it was last seen.
public struct SidecarView: Codable, Sendable {
    public var id: String
    public var agent: String?
    public var version: String?
    public var policy: String?
    public var policyDigest: String?
    public var firstSeen: Timestamp
    public var lastSeen: Timestamp
    public var spoolBytes: Int64?
    public var openSessions: Int64?
    public var connected: Bool
}

/// What checking a session's chain from its bytes gave.
public struct VerificationView: Codable, Sendable {
    public var sessionId: String
    /// Nothing is wrong with what is there. A session that is open still can be intact, and its end unknown.
    public var intact: Bool
    /// Intact, and closed with the signature of a key of the session's sidecar: nothing is missing at the end.
    public var verified: Bool
    public var records: Int64
    public var closed: Bool
    public var signature: SignatureStatus?
    /// Digest of the last record.
    public var head: String
    /// Everything that is wrong, a line each.
    public var problems: [String]

    public init(
        sessionId: String, intact: Bool, verified: Bool, records: Int64, closed: Bool, signature: SignatureStatus?,
        head: String, problems: [String]
    ) {
        self.sessionId = sessionId
        self.intact = intact
        self.verified = verified
        self.records = records
        self.closed = closed
        self.signature = signature
        self.head = head
        self.problems = problems
    }
}

/// An error as RFC 9457 has it.
public struct ProblemView: Codable, Sendable, Error {
    public var type: String
    public var title: String
    public var status: Int
    public var detail: String?

    public init(type: String = "about:blank", title: String, status: Int, detail: String?) {
        self.type = type
        self.title = title
        self.status = status
        self.detail = detail
    }
}

/// Who the caller is, as the collector sees it.
public struct WhoAmIView: Codable, Sendable {
    public var subject: String
    public var issuer: String
    public var groups: [String]
    public var actors: [String]
    public var roles: [Role]
    public var expires: Timestamp
}

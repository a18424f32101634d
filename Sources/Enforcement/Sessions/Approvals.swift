public import Policy
public import Records

/// What an approver is asked.
public struct ApprovalAsk: Sendable {
    public var id: String
    /// SHA-256 over resource, subject, statement text and parameters: an approval is for this and nothing else.
    public var binding: [UInt8]
    public var resource: String
    public var subject: Subject
    /// Sensitive literals masked.
    public var statement: String
    /// Masked.
    public var parameters: [String]
    public var rules: [String]
    public var message: String?
    public var terms: ApprovalTerms
    /// An approver must be in one group of each list.
    public var approverGroups: [[String]]
    public var expiresAtUnixSeconds: Int64
    /// Of the session's record of the held statement.
    public var recordID: RecordID

    public init(
        id: String, binding: [UInt8], resource: String, subject: Subject, statement: String, parameters: [String],
        rules: [String], message: String?, terms: ApprovalTerms, approverGroups: [[String]],
        expiresAtUnixSeconds: Int64, recordID: RecordID
    ) {
        self.id = id
        self.binding = binding
        self.resource = resource
        self.subject = subject
        self.statement = statement
        self.parameters = parameters
        self.rules = rules
        self.message = message
        self.terms = terms
        self.approverGroups = approverGroups
        self.expiresAtUnixSeconds = expiresAtUnixSeconds
        self.recordID = recordID
    }
}

/// What an approver, or the lack of one, said.
public struct ApprovalDecision: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        case approved(approver: String)
        case denied(approver: String, reason: String)
        case expired
        case unavailable(reason: String)
    }

    public var approvalID: String
    public var outcome: Outcome

    public init(approvalID: String, outcome: Outcome) {
        self.approvalID = approvalID
        self.outcome = outcome
    }
}

/// What is known of an approval that somebody was told to come back for.
public enum GrantLookup: Hashable, Sendable {
    case none
    case pending(approvalID: String)
    case granted(ApprovalGrant)
    case denied(approvalID: String, approver: String, reason: String)
}

/// A statement that waits for an approver, or the answer that has come.
struct HoldState {
    var approvalID: String
    var binding: [UInt8]
    var deadlineNanoseconds: UInt64
    var number: UInt64
    var withinSeconds: UInt32
    var outcome: ApprovalDecision.Outcome?

    var isWaiting: Bool { outcome == nil }
}

/// Of a statement that may be sent each time that it is asked for, while the verdict that permits it is in force.
struct StandingPermission: Sendable {}

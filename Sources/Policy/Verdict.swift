/// What policy says of an operation.
public struct Verdict: Hashable, Sendable {
    public enum Outcome: UInt8, Comparable, Hashable, Sendable {
        case allow = 0
        case hold = 1
        case deny = 2

        public static func < (left: Outcome, right: Outcome) -> Bool { left.rawValue < right.rawValue }
    }

    /// Why nothing allowed it, where that is the reason.
    public enum Default: Hashable, Sendable {
        /// No allow rule covers this access.
        case notAllowed(Access)
        /// An allow rule would cover it, were it to vouch for these guarded features.
        case notVouched(Features)
        /// Likewise for these functions.
        case functionsNotVouched([String])
        /// No bundle is in force, or the resource is not in it.
        case noPolicy
    }

    public var outcome: Outcome
    /// The rules that decided, by name, sorted; empty when the default did.
    public var rules: [String]
    /// The operator's message of the deciding rule, the first by name that has one.
    public var message: String?
    /// With `hold`: who may approve and how, the strictest of the holding rules. The shortest wait counts; `return` beats
    /// `wait`, and inside a transaction `refuse` beats `wait`. `groups` are those that every holding rule names: whoever
    /// is in one of them satisfies all of the rules. Empty when no group is common to them, see ``approverGroups``.
    public var approval: ApprovalTerms?
    /// With `hold`: the groups of each holding rule, no list twice. An approver must be in one group *of each* list; a
    /// list that is empty is satisfied by nobody. Whoever knows only ``ApprovalTerms/groups`` is on the safe side.
    public var approverGroups: [[String]]
    public var defaultReason: Default?
    /// Rules in observe mode that would have decided otherwise, by name, sorted, with what they would have said.
    public var observed: [ObservedRule]
    /// Unless it denies: the budgets that the rows of the result count in, by name. Whether they are spent is asked each
    /// time that it runs.
    public var budgets: [AppliedBudget]
    /// Unless it denies: the budgets of classifications in which what detectors and keys find in the result's values counts, while
    /// its rows do not; by name. Those of ``budgets`` count it, too.
    public var findingBudgets: [Budget]

    public init(
        outcome: Outcome, rules: [String] = [], message: String? = nil, approval: ApprovalTerms? = nil,
        approverGroups: [[String]] = [], defaultReason: Default? = nil, observed: [ObservedRule] = [],
        budgets: [AppliedBudget] = [], findingBudgets: [Budget] = []
    ) {
        self.outcome = outcome
        self.rules = rules
        self.message = message
        self.approval = approval
        self.approverGroups = approverGroups
        self.defaultReason = defaultReason
        self.observed = observed
        self.budgets = budgets
        self.findingBudgets = findingBudgets
    }
}

/// A rule in observe mode and what it would have done.
public struct ObservedRule: Hashable, Sendable {
    public var name: String
    public var outcome: Verdict.Outcome

    public init(name: String, outcome: Verdict.Outcome) {
        self.name = name
        self.outcome = outcome
    }
}

/// Proof that policy permits a value: only a verdict that allows (or a hold that was approved) makes one, and only what
/// carries it may be sent on.
public struct Permitted<Value: Sendable>: Sendable {
    public let value: Value

    /// - Returns: `nil` unless `verdict` allows.
    public init?(_ value: Value, by verdict: Verdict) {
        guard verdict.outcome == .allow else { return nil }
        self.value = value
    }

    /// - Returns: `nil` unless `verdict` holds and `grant` is for it.
    public init?(_ value: Value, by verdict: Verdict, approved grant: ApprovalGrant) {
        guard verdict.outcome == .hold, !grant.approvalID.isEmpty else { return nil }
        self.value = value
    }
}

/// An approval that was given, bound by whoever made it to one statement, its parameters and one subject.
public struct ApprovalGrant: Hashable, Sendable {
    public var approvalID: String
    public var approver: String

    public init(approvalID: String, approver: String) {
        self.approvalID = approvalID
        self.approver = approver
    }
}

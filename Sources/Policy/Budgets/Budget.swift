/// How much of some data a person may be shown: a statement may be fine and a thousand like it be a copy of the table.
public struct Budget: Hashable, Sendable {
    public enum Outcome: UInt8, Hashable, Sendable, CaseIterable {
        case deny = 0
        /// A person is asked, statement by statement.
        case hold = 1
    }

    public var name: String
    /// Names of resources; empty: all.
    public var resources: [String]
    /// Whose; every one of them has a budget of their own.
    public var subjects: SubjectMatch
    /// Globs over the tables whose rows count; empty: all.
    public var objects: [String]
    /// Rows count that show a column of one of these classifications; empty: all.
    public var classifications: [String]
    /// Rows that one statement may show; the rest of its result is withheld.
    public var rowsPerStatement: UInt64?
    /// Rows that a subject may be shown within the window.
    public var rowsPerSubject: UInt64?
    /// Different values of the classifications' columns that a subject may be shown within the window, where their mask
    /// tells them apart (1…``maximumValues``).
    public var valuesPerSubject: UInt64?
    /// In seconds (``minimumWindow``…``maximumWindow``).
    public var windowSeconds: UInt32
    /// What becomes of statements once the window's rows or values are spent.
    public var then: Outcome
    /// With ``Outcome/hold``: who may approve, and how.
    public var approval: ApprovalTerms?
    public var message: String?

    public static let minimumWindow: UInt32 = 60
    /// A month.
    public static let maximumWindow: UInt32 = 31 * 86_400
    /// What a ledger keeps of values is kept exactly, so it is bounded: 16 bytes a value, and as much again for the table.
    public static let maximumValues: UInt64 = 10_000

    public init(
        name: String, resources: [String] = [], subjects: SubjectMatch = SubjectMatch(), objects: [String] = [],
        classifications: [String] = [], rowsPerStatement: UInt64? = nil, rowsPerSubject: UInt64? = nil,
        valuesPerSubject: UInt64? = nil, windowSeconds: UInt32 = 86_400, then: Outcome = .deny,
        approval: ApprovalTerms? = nil, message: String? = nil
    ) {
        self.name = name
        self.resources = resources
        self.subjects = subjects
        self.objects = objects
        self.classifications = classifications
        self.rowsPerStatement = rowsPerStatement
        self.rowsPerSubject = rowsPerSubject
        self.valuesPerSubject = valuesPerSubject
        self.windowSeconds = windowSeconds
        self.then = then
        self.approval = approval
        self.message = message
    }

    /// What stands among the rules that decided. No rule can be called so.
    public var decider: String { Budget.mark + name }

    /// Whether what decided is a budget.
    public static func isDecider(_ name: String) -> Bool { name.hasPrefix(mark) }

    private static let mark = "budget:"
}

/// A budget that a statement's rows count in.
public struct AppliedBudget: Hashable, Sendable {
    public var budget: Budget
    /// What one row of the result counts: how many rows of the budget's tables it may hold.
    public var weight: UInt64
    /// One value of the result may hold any number of rows, so that they cannot be counted.
    public var isUncountable: Bool

    public init(budget: Budget, weight: UInt64, isUncountable: Bool = false) {
        self.budget = budget
        self.weight = weight
        self.isUncountable = isUncountable
    }
}

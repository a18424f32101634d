/// What a caller of the audit API may do.
public enum Role: String, Sendable, CaseIterable, Codable {
    /// Reads everything.
    case auditor
    /// Sees and decides the approvals whose groups they are in.
    case approver
    /// Reads everything, and issues and lifts revocations.
    case admin
}

/// Which groups of a token give which role.
public struct RoleMap: Sendable, Hashable {
    private var groups: [Role: Set<String>]

    public init() {
        groups = [:]
    }

    /// Members of `group` get `role`.
    public mutating func grant(_ role: Role, toGroup group: String) {
        groups[role, default: []].insert(group)
    }

    /// Reads `auditor=group-name` and grants it.
    ///
    /// - Throws: ``CollectorError`` that names the text.
    public mutating func grant(parsing text: String) throws(CollectorError) {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let role = Role(rawValue: String(parts[0])) else {
            throw CollectorError(
                .configuration,
                "role \"\(text)\" is not of the form ROLE=GROUP with a role of auditor, approver or admin")
        }
        grant(role, toGroup: String(parts[1]))
    }

    /// The roles that a member of these groups has.
    public func roles(ofGroups memberOf: some Sequence<String>) -> Set<Role> {
        let member = Set(memberOf)
        return Set(groups.filter { !$0.value.isDisjoint(with: member) }.keys)
    }

    public var isEmpty: Bool { groups.isEmpty }
}

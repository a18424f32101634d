import Records
import UplinkProtocol

/// Who may decide what. Pure: no store, no clock.
enum ApprovalRules {
    /// Why a caller may not decide a request.
    enum Refusal: Error, Sendable, Hashable {
        case notAnApprover
        case delegated
        case ownRequest
        case notInGroup([String])
        case notInGroups([[String]])
        case noGroupNamed

        /// For the caller.
        var message: String {
            switch self {
            case .notAnApprover: "your token has not the role approver"
            case .delegated: "a delegated token (act) decides nothing: a person has to"
            case .ownRequest: "nobody decides a request of their own"
            case .notInGroup(let groups):
                "this request is for \(groups.joined(separator: ", ")), and your token has none of these groups"
            case .notInGroups(let lists):
                "this request is for somebody in a group of each of these lists, and your token is not: "
                    + lists.map { $0.joined(separator: " or ") }.joined(separator: "; ")
            case .noGroupNamed: "the request names no group, so nobody may decide it"
            }
        }
    }

    /// Nil if the caller may decide.
    ///
    /// A person is known by `sub`. Where the issuers differ, the same `sub` may be somebody else, and is somebody else
    /// for the subject; actors carry no issuer in a record, so for them the name alone counts.
    ///
    /// - Parameter lists: An approver is in one group of each.
    static func refusal(of principal: Principal, subject: PBSubject, lists: [[String]]) -> Refusal? {
        guard principal.roles.contains(.approver) else { return .notAnApprover }
        guard principal.actors.isEmpty else { return .delegated }
        let isSubject =
            subject.id == principal.subject && (subject.issuer == principal.issuer || subject.issuer.isEmpty)
        guard !isSubject, !subject.actors.contains(principal.subject) else { return .ownRequest }
        guard !lists.isEmpty, !lists.contains(where: \.isEmpty) else { return .noGroupNamed }
        guard lists.allSatisfy({ !principal.groups.isDisjoint(with: $0) }) else {
            return lists.count == 1 ? .notInGroup(lists[0]) : .notInGroups(lists)
        }
        return nil
    }
}

extension PBApprovalRequest {
    /// Lists of groups, of each of which an approver must be in one. A sidecar that knows one list alone sends it so.
    var approverLists: [[String]] {
        approverGroups.isEmpty ? [groups] : approverGroups.map(\.groups)
    }

    /// Every group that it names.
    var namedGroups: Set<String> { Set(groups).union(approverGroups.flatMap(\.groups)) }
}

/// Where an approval stands.
public enum ApprovalState: String, Sendable, Codable, CaseIterable {
    case pending
    case approved
    case denied
    case expired
    /// The one who asked went away.
    case withdrawn
}

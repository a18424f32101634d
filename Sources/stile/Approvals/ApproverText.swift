import Collector

/// Who may decide, in words.
enum ApproverText {
    /// `a or b; and c or d`: one group of each list.
    static func lists(_ lists: [[String]]) -> String {
        lists.map { $0.joined(separator: " or ") }.joined(separator: "; and ")
    }
}

extension ApprovalView {
    var approvers: String { ApproverText.lists(approverGroups) }
}

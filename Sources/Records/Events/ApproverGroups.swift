extension PBApproverGroups {
    public init(_ groups: [String]) {
        self.init()
        self.groups = groups
    }
}

extension PBApprovalAsked {
    /// Lists of groups, of each of which an approver must be in one.
    public var approverLists: [[String]] {
        approverGroups.isEmpty ? [groups] : approverGroups.map(\.groups)
    }
}

/// What people are told in the same words, whatever the protocol.
enum Wording {
    /// `a or b`, or `one person in a or b who is also in c`; every list must have somebody.
    static func approvers(_ lists: [[String]]) -> String {
        guard !lists.isEmpty, !lists.contains(where: \.isEmpty) else { return "nobody (a rule names no group)" }
        let names = lists.map { $0.sorted().joined(separator: " or ") }
        if names.count == 1 { return names[0] }
        return "one person in \(names[0]) who is also in \(names.dropFirst().joined(separator: " and in "))"
    }

    /// - Parameter what: `statement` or `request`.
    static func denial(of what: String, by approver: String, _ reason: String) -> String {
        "\(approver) denied this \(what)" + (reason.isEmpty ? "." : ": \(reason)")
    }

    static func time(seconds: Int64) -> String {
        switch seconds {
        case ..<120: "\(seconds) seconds"
        case ..<7_200: "\((seconds + 59) / 60) minutes"
        case ..<172_800: "\((seconds + 3_599) / 3_600) hours"
        default: "\((seconds + 86_399) / 86_400) days"
        }
    }
}

extension ApprovalDecision.Outcome {
    /// Why what was held does not pass; nil where it does.
    ///
    /// - Parameters:
    ///   - what: `statement` or `request`.
    ///   - seconds: How long it waited at the most.
    func refusal(of what: String, withinSeconds seconds: UInt32) -> String? {
        switch self {
        case .approved: nil
        case .denied(let approver, let reason): Wording.denial(of: what, by: approver, reason)
        case .expired: "Nobody approved this \(what) within \(seconds) seconds."
        case .unavailable(let reason): "No approver can be asked: \(reason)"
        }
    }
}

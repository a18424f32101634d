import Enforcement
import Policy
import Synchronization

/// Approvals that somebody was told to come back for (`approval.mode: return`), by what they are bound to. Each serves
/// once.
final class GrantStore: Sendable {
    /// Why this many: an agent that asks for thousands of approvals at once is not waiting for people.
    static let capacity = 4_096

    private struct Entry {
        var lookup: GrantLookup
        var expiresAtUnixSeconds: Int64
    }

    private let entries = Mutex<[[UInt8]: Entry]>([:])

    /// - Returns: `false` when there is no room.
    @discardableResult
    func asked(_ approvalID: String, binding: [UInt8], expiresAtUnixSeconds: Int64, now: Int64) -> Bool {
        entries.withLock { entries in
            if entries.count >= Self.capacity {
                entries = entries.filter { $0.value.expiresAtUnixSeconds > now }
                guard entries.count < Self.capacity else { return false }
            }
            entries[binding] = Entry(
                lookup: .pending(approvalID: approvalID), expiresAtUnixSeconds: expiresAtUnixSeconds)
            return true
        }
    }

    func decided(_ approvalID: String, binding: [UInt8], outcome: ApprovalDecision.Outcome) {
        entries.withLock { entries in
            guard var entry = entries[binding], case .pending(approvalID) = entry.lookup else { return }
            switch outcome {
            case .approved(let approver):
                entry.lookup = .granted(ApprovalGrant(approvalID: approvalID, approver: approver))
                entries[binding] = entry
            case .denied(let approver, let reason):
                entry.lookup = .denied(approvalID: approvalID, approver: approver, reason: reason)
                entries[binding] = entry
            case .expired, .unavailable:
                entries[binding] = nil
            }
        }
    }

    /// What is known for a binding. A grant or a denial is used up by being told.
    func take(_ binding: [UInt8], now: Int64) -> GrantLookup {
        entries.withLock { entries in
            guard let entry = entries[binding] else { return .none }
            if entry.expiresAtUnixSeconds <= now {
                entries[binding] = nil
                return .none
            }
            switch entry.lookup {
            case .none, .pending: break
            case .granted, .denied: entries[binding] = nil
            }
            return entry.lookup
        }
    }
}

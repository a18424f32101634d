import Synchronization

/// The bytes that all sessions of a process together may hold of long messages under way: those that are not here whole, what
/// becomes of them, and what a socket has not taken.
///
/// One agent can open as many sessions as it likes, and each may begin a message and never end it. What one session may hold
/// is bounded by the lengths of messages; this bounds what all of them do.
public final class BufferBudget: Sendable {
    /// A row of 48 MiB through detectors, or three of 32 MiB that are masked.
    public static let defaultLimit = 192 << 20

    /// In bytes.
    public let limit: Int
    private let taken = Atomic<Int>(0)
    private let refused = Atomic<UInt64>(0)

    public init(limit: Int = BufferBudget.defaultLimit) {
        self.limit = limit
    }

    /// Bytes that sessions hold now.
    public var held: Int { taken.load(ordering: .relaxed) }
    /// How often there was no room.
    public var refusals: UInt64 { refused.load(ordering: .relaxed) }

    /// - Returns: Whether there was room; nothing is taken otherwise.
    func take(_ count: Int) -> Bool {
        if taken.wrappingAdd(count, ordering: .relaxed).newValue <= limit { return true }
        give(count)
        refused.wrappingAdd(1, ordering: .relaxed)
        return false
    }

    /// Takes what is there already, room or not.
    func force(_ count: Int) { taken.wrappingAdd(count, ordering: .relaxed) }

    func give(_ count: Int) { taken.wrappingSubtract(count, ordering: .relaxed) }
}

/// What one session holds of a ``BufferBudget``, given back at the latest with the session.
final class BufferShare {
    /// A session may hold this much without asking: what usual messages take.
    static let free = 512 << 10

    private let budget: BufferBudget
    private var held = 0

    init(of budget: BufferBudget) {
        self.budget = budget
    }

    deinit {
        budget.give(held)
    }

    /// Says what the session holds from now on, in bytes.
    ///
    /// - Parameter mayRefuse: `false` for what is there already.
    /// - Returns: Whether there was room; nothing changes otherwise.
    func hold(_ count: Int, mayRefuse: Bool) -> Bool {
        if count <= held {
            budget.give(held - count)
        } else if !mayRefuse {
            budget.force(count - held)
        } else if !budget.take(count - held) {
            return false
        }
        held = count
        return true
    }
}

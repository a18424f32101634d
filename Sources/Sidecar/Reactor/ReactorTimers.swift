/// A task that waits for its time on a ``Reactor``.
final class ReactorTimer {
    let deadline: UInt64
    /// Until it has fired or was cancelled.
    private(set) var reactor: Reactor?
    private var task: (() -> Void)?
    /// Where it stands in the heap; -1: nowhere.
    fileprivate var index = -1

    init(at deadline: UInt64, _ task: @escaping () -> Void, reactor: Reactor?) {
        self.deadline = deadline
        self.task = task
        self.reactor = reactor
    }

    func fire() {
        let task = task
        letGo()
        task?()
    }

    fileprivate func letGo() {
        task = nil
        reactor = nil
    }
}

/// Timers by their deadlines: a binary heap whose members know their places, so that one that is cancelled leaves at once.
/// Sessions come and go by the thousand within the hour that their tokens live.
struct ReactorTimers {
    private var heap: [ReactorTimer] = []

    /// The earliest deadline.
    var next: UInt64? { heap.first?.deadline }
    var count: Int { heap.count }

    mutating func insert(_ timer: ReactorTimer) {
        timer.index = heap.count
        heap.append(timer)
        rise(timer.index)
    }

    /// Takes the earliest timer if its time has come.
    mutating func popDue(at now: UInt64) -> ReactorTimer? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        take(0)
        return first
    }

    /// Nothing happens when it has fired or was removed before.
    mutating func remove(_ timer: ReactorTimer) {
        guard timer.index >= 0, timer.index < heap.count, heap[timer.index] === timer else { return }
        take(timer.index)
        timer.letGo()
    }

    mutating func removeAll() {
        for timer in heap {
            timer.index = -1
            timer.letGo()
        }
        heap = []
    }

    private mutating func take(_ index: Int) {
        let last = heap.count - 1
        heap[index].index = -1
        if index != last {
            heap[index] = heap[last]
            heap[index].index = index
        }
        heap.removeLast()
        if index < heap.count {
            rise(index)
            sink(index)
        }
    }

    private mutating func rise(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].deadline < heap[parent].deadline else { return }
            swap(index, parent)
            index = parent
        }
    }

    private mutating func sink(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < heap.count && heap[child].deadline < heap[least].deadline {
                least = child
            }
            guard least != index else { return }
            swap(index, least)
            index = least
        }
    }

    private mutating func swap(_ one: Int, _ other: Int) {
        heap.swapAt(one, other)
        heap[one].index = one
        heap[other].index = other
    }
}

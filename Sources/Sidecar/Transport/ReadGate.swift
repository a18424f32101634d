/// Holds back what a channel would read, while its session wants nothing of it.
struct ReadGate {
    private var isOpen: Bool
    /// A read was asked for that was held back.
    private var isDue = false

    init(isOpen: Bool) {
        self.isOpen = isOpen
    }

    /// - Returns: Whether a read that was held back is to be made now. It may give bytes at once, which may close the gate again.
    mutating func set(isOpen: Bool) -> Bool {
        self.isOpen = isOpen
        guard isOpen, isDue else { return false }
        isDue = false
        return true
    }

    /// - Returns: Whether a read may pass; else it is made when the gate opens.
    mutating func admits() -> Bool {
        if !isOpen { isDue = true }
        return isOpen
    }
}

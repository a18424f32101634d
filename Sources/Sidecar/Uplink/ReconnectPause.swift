/// How long to wait before the next attempt to connect: twice as long each time, and never two sidecars alike, so that
/// a collector that comes back is not met by all at once.
struct ReconnectPause {
    private let shortest: Duration
    private let longest: Duration
    private var next: Duration

    init(shortest: Duration, longest: Duration) {
        self.shortest = shortest
        self.longest = longest
        next = shortest
    }

    /// - Returns: Between half and the whole of what is due.
    mutating func take(using generator: inout some RandomNumberGenerator) -> Duration {
        let due = next
        next = min(next * 2, longest)
        return due * Double.random(in: 0.5...1, using: &generator)
    }

    /// After a connection that worked.
    mutating func reset() { next = shortest }
}

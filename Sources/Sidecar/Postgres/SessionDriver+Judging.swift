import Enforcement

extension SessionDriver {
    /// Reads a statement that needs a deep stack or a long time, away from the event loop.
    func judge(_ request: JudgementRequest) {
        let driver = LoopBound(self, on: loop)
        request.read { reading in
            driver.run { $0.feed(.judged(request.ticket, reading)) }
        }
    }
}

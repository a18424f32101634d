internal import Glibc
internal import Synchronization

/// Parses long statements on a thread with a stack of its own, one after the other. The thread lives while there is
/// something to parse, so that its memory is given back afterwards.
public final class LargeStackParser: Sendable {
    /// 256 KB for a start, and 400 bytes a token with as much again in reserve: see
    /// ``StatementInspector/Limits/inlineTokens``. Pages of it that are never touched cost nothing.
    static func stackSize(for limits: StatementInspector.Limits) -> Int {
        (256 << 10) + limits.maxTokens * 800
    }

    private struct Job {
        var text: [UInt8]
        var completion: @Sendable (Result<ParsedText, StatementError>) -> Void
    }

    private struct State {
        var jobs: [Job] = []
        var isRunning = false
    }

    private let inspector: StatementInspector
    private let maxWaiting: Int
    private let state = Mutex(State())

    /// - Parameter maxWaiting: How many statements may wait; more are refused with ``StatementError/Code/busy``.
    public init(inspector: StatementInspector, maxWaiting: Int = 64) {
        self.inspector = inspector
        self.maxWaiting = maxWaiting
    }

    /// Parses `text` and calls back on the parser's thread, or at once on the caller's where it is refused.
    public func parse(
        _ text: [UInt8], completion: @escaping @Sendable (Result<ParsedText, StatementError>) -> Void
    ) {
        enum Next { case wait, start, refuse }
        let next = state.withLock { state -> Next in
            if state.jobs.count >= maxWaiting { return .refuse }
            state.jobs.append(Job(text: text, completion: completion))
            if state.isRunning { return .wait }
            state.isRunning = true
            return .start
        }
        switch next {
        case .wait:
            break
        case .refuse:
            completion(.failure(StatementError(.busy, "too many long statements wait to be parsed")))
        case .start:
            guard startThread() else {
                refuseAll()
                return
            }
        }
    }

    public func parse(_ text: [UInt8]) async throws(StatementError) -> ParsedText {
        let result = await withCheckedContinuation { continuation in
            parse(text) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    private func refuseAll() {
        let jobs = state.withLock { state -> [Job] in
            defer { state = State() }
            return state.jobs
        }
        for job in jobs {
            job.completion(.failure(StatementError(.busy, "no thread could be started to parse a long statement")))
        }
    }

    private func startThread() -> Bool {
        var attributes = pthread_attr_t()
        guard unsafe pthread_attr_init(&attributes) == 0 else { return false }
        defer { unsafe pthread_attr_destroy(&attributes) }
        guard unsafe pthread_attr_setstacksize(&attributes, Self.stackSize(for: inspector.limits)) == 0,
            unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED)) == 0
        else { return false }
        let context = unsafe Unmanaged.passRetained(self)
        var thread = pthread_t()
        let status = unsafe pthread_create(&thread, &attributes, runLargeStackParser, context.toOpaque())
        if status != 0 {
            unsafe context.release()
            return false
        }
        return true
    }

    fileprivate func run() {
        while true {
            let job = state.withLock { state -> Job? in
                if state.jobs.isEmpty {
                    state.isRunning = false
                    return nil
                }
                return state.jobs.removeFirst()
            }
            guard let job else { return }
            let result: Result<ParsedText, StatementError>
            do throws(StatementError) {
                result = .success(try inspector.parse(job.text, on: .large))
            } catch {
                result = .failure(error)
            }
            job.completion(result)
        }
    }
}

private func runLargeStackParser(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context = unsafe context {
        unsafe Unmanaged<LargeStackParser>.fromOpaque(context).takeRetainedValue().run()
    }
    return nil
}

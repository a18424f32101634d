import NIOConcurrencyHelpers
package import NIOPosix
import Synchronization

extension Spool {
    /// What a commit has to do, as it was when it began.
    private struct Work {
        var sealed: [ActiveSegment]
        var files: [FileDescriptor]
        var active: ActiveSegment?
        /// Where the active segment's last frame ends.
        var end: Int
        /// How much was appended to it since the last commit.
        var grown: Int
        var doomed: [UInt64]
        var isDirectoryDirty: Bool
        var spare: ActiveSegment?
    }

    /// Forces what was appended to the disk, removes what was acknowledged, makes ready what the next appends need, and
    /// wakes the reader. Blocks; costs little when there is nothing to do. Whoever appends does not wait for it.
    ///
    /// - Throws: ``SpoolError/Code/io``. The spool takes no more records then: after a failed write the kernel may have
    ///   forgotten the data, and a second try would succeed without them.
    package func commit() throws(SpoolError) {
        try committing.withLock { _ throws(SpoolError) in
            let work = state.withLock { takeWork(&$0) }
            do throws(SpoolError) {
                try perform(work)
            } catch {
                state.withLock { state in
                    if state.failure == nil { state.failure = SpoolError(.io, error.message) }
                }
                throw error
            }
            prepare(behind: work)
        }
        wakeReader()
    }

    private func takeWork(_ state: inout SpoolState) -> Work {
        forgetAcknowledged(&state)
        defer {
            state.sealed = []
            state.unsynchronized = []
            state.isDirectoryDirty = false
        }
        return Work(
            sealed: state.sealed, files: state.unsynchronized, active: state.active, end: state.active?.end ?? 0,
            grown: state.active.map { $0.end - $0.synchronized } ?? 0,
            doomed: state.doomed.map(\.number), isDirectoryDirty: state.isDirectoryDirty, spare: state.spare)
    }

    // Without the spool's lock: appends go on meanwhile.
    private func perform(_ work: Work) throws(SpoolError) {
        for segment in work.sealed { try segment.finish() }
        for file in work.files { try file.synchronize() }
        try work.active?.synchronize(upTo: work.end)
        if work.isDirectoryDirty { try directory.synchronize() }
        guard !work.doomed.isEmpty else { return }
        // The oldest first, and after what was kept of them is on the disk.
        for number in work.doomed { try directory.remove(segment: number) }
        state.withLock { state in
            state.doomed.removeAll { work.doomed.contains($0.number) }
            state.isDirectoryDirty = true
        }
    }

    /// At least so much is ready for what comes next.
    private static let leastPrepared = 64 << 10
    /// And at most so much: it counts as this process's memory.
    private static let mostPrepared = 512 << 10

    private func prepare(behind work: Work) {
        makeSpare()
        guard let active = work.active else { return }
        active.releasePages(before: work.end)
        // As much again as came since the last commit, and as came meanwhile.
        let pace = min(max(Self.leastPrepared, 2 * work.grown), Self.mostPrepared)
        active.preparePages(from: work.end, byteCount: pace)
        work.spare?.preparePages(from: 0, byteCount: pace)
    }

    private func wakeReader() {
        let wake = state.withLock { state -> (@Sendable () -> Void)? in
            guard let waiter = state.waiter, !state.isEnd(waiter.position) else { return nil }
            state.waiter = nil
            return waiter.wake
        }
        wake?()
    }

    /// Commits at every interval until the task is cancelled.
    ///
    /// - Parameters:
    ///   - threads: Of which one is taken for as long as this runs: forcing to the disk blocks.
    ///   - also: What else is to be done as often.
    /// - Throws: ``SpoolError`` at the first commit that fails; `CancellationError`.
    package func commitRegularly(
        on threads: NIOThreadPool, also: @escaping @Sendable () -> Void = {}
    ) async throws {
        let hasEnded = ConditionLock(value: false)
        let interval = configuration.commitInterval / .seconds(1)
        try await withTaskCancellationHandler {
            // One thread that waits by itself: a task that sleeps, and a thread that is given each commit, are four
            // threads woken instead of one.
            try await threads.runIfActive {
                while !hasEnded.lock(whenValue: true, timeoutSeconds: interval) {
                    try self.commit()
                    also()
                }
                hasEnded.unlock()
            }
        } onCancel: {
            hasEnded.lock()
            hasEnded.unlock(withValue: true)
        }
    }
}

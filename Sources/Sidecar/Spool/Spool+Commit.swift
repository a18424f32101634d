import NIOPosix
import ServiceLifecycle
import Synchronization

extension Spool {
    /// Forces what was appended to the disk, and removes what was acknowledged. Blocks; costs nothing when there is
    /// nothing to do.
    ///
    /// - Throws: ``SpoolError/Code/io``. The spool takes no more records then: after a failed write the kernel may have
    ///   forgotten the data, and a second try would succeed without them.
    package func commit() throws(SpoolError) {
        let (files, doomed, isDirectoryDirty) = state.withLock { state in
            var files = state.unsynchronized
            state.unsynchronized = []
            if state.isDirty || !state.doomed.isEmpty, let active = state.active { files.append(active.file) }
            defer {
                state.isDirty = false
                state.isDirectoryDirty = false
            }
            return (files, state.doomed.map(\.number), state.isDirectoryDirty)
        }
        do throws(SpoolError) {
            // Without the lock: appends go on meanwhile.
            for file in files { try file.synchronize() }
            if isDirectoryDirty { try directory.synchronize() }
            // The oldest first, and after what was kept of them is on the disk.
            for number in doomed { try directory.remove(segment: number) }
            state.withLock { state in
                state.active?.releasePages()
                state.doomed.removeAll { doomed.contains($0.number) }
                if !doomed.isEmpty { state.isDirectoryDirty = true }
            }
        } catch {
            state.withLock { state in
                if state.failure == nil { state.failure = SpoolError(.io, error.message) }
            }
            throw error
        }
    }
}

extension Spool: Service {
    /// Commits at every interval until the group shuts down, and then once more. Add the spool before whatever appends
    /// to it: services end in the reverse of their order.
    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                while true {
                    try await Task.sleep(for: self.configuration.commitInterval)
                    // Off the threads that serve: forcing to the disk blocks.
                    try await NIOThreadPool.singleton.runIfActive { try self.commit() }
                }
            } catch is CancellationError {}
        }
        try commit()
    }
}

import Foundation

/// The command that `stile run` is for. It keeps the terminal: Ctrl-C is its, and this process outlives it.
enum ChildProcess {
    /// - Returns: its exit status, or 128 and the number of the signal that ended it, as shells say.
    /// - Throws: ``Fault`` when it cannot be started.
    static func run(_ command: [String], environment: [String: String]) async throws -> Int32 {
        // A child starts with the signals that this process ignores ignored too, so they are ignored after it has started.
        let started = try start(command, environment: environment)
        signal(SIGINT, SIG_IGN)
        signal(SIGQUIT, SIG_IGN)
        signal(SIGTERM, SIG_IGN)
        let terminate = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
        terminate.setEventHandler { kill(started, SIGTERM) }
        terminate.resume()
        defer { terminate.cancel() }
        let status: Int32 = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var status: Int32 = 0
                while waitpid(started, &status, 0) < 0, errno == EINTR {}
                continuation.resume(returning: status)
            }
        }
        // <sys/wait.h>: the low seven bits are the signal, the next byte the exit status.
        let signalNumber = status & 0x7F
        return signalNumber == 0 ? (status >> 8) & 0xFF : 128 + signalNumber
    }

    /// Asks a program to end, and ends it when it has not within five seconds: whoever waits for this shall not wait for ever.
    static func end(_ process: pid_t) {
        kill(process, SIGTERM)
        var status: Int32 = 0
        for _ in 0..<100 {
            let found = waitpid(process, &status, WNOHANG)
            if found == process || found < 0 && errno == ECHILD { return }
            usleep(50_000)
        }
        kill(process, SIGKILL)
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }

    /// Starts a program.
    ///
    /// - Parameter stream: A descriptor that is its standard input and its standard output; `nil`: it has this process's.
    static func start(
        _ command: [String], stream: Int32? = nil, environment: [String: String]
    ) throws(Fault) -> pid_t {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let stream {
            posix_spawn_file_actions_adddup2(&actions, stream, 0)
            posix_spawn_file_actions_adddup2(&actions, stream, 1)
        }
        // The threads that tasks run on have signals blocked, and a child would inherit that: Ctrl-C would not reach it.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var child: pid_t = 0
        let failure = posix_spawnp(&child, command[0], &actions, &attributes, &arguments, &variables)
        guard failure == 0 else {
            throw Fault(.noInput, "\(command[0]) cannot be run: \(String(cString: strerror(failure)))")
        }
        return child
    }
}

import Foundation

/// Sockets in the place of pipes, which one poller may watch both ways.
enum StreamSockets {
    /// - Returns: two ends, the first of them for blocking calls, the second not.
    static func pair() throws(Fault) -> (blocking: Int32, other: Int32) {
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Fault(.cannotCreate, "no pair of sockets: \(String(cString: strerror(errno)))")
        }
        _ = fcntl(ends[1], F_SETFL, fcntl(ends[1], F_GETFL) | O_NONBLOCK)
        return (ends[0], ends[1])
    }

    /// Carries this process's standard input to a socket and what comes from it to the standard output, until either ends.
    static func carry(_ descriptor: Int32) {
        signal(SIGPIPE, SIG_IGN)
        Thread.detachNewThread {
            copy(from: 0, to: descriptor)
            shutdown(descriptor, Int32(SHUT_WR))
        }
        Thread.detachNewThread {
            copy(from: descriptor, to: 1)
            close(1)
        }
    }

    private static func copy(from source: Int32, to target: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(source, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            var written = 0
            while written < count {
                let more = buffer[written..<count].withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
                if more < 0, errno == EINTR { continue }
                guard more > 0 else { return }
                written += more
            }
        }
    }
}

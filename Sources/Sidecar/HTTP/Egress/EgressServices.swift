import HTTPInspection
import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the forward proxies of a process share, over changes of the policy: the authority that opened TLS is signed with, and the threads
/// that wait for DNS.
final class EgressServices: Sendable {
    /// Names are asked for only where a rule names the host, and mostly by a few agents: two wait beside each other.
    private static let threadCount = 2

    private struct State {
        var authority: EgressAuthority?
        var threads: NIOThreadPool?
    }

    private let state = Mutex(State())

    /// Made when it is first asked for, and the same from then on: agents trust it by a file that they read once.
    ///
    /// - Throws: ``SidecarError`` when it cannot be made.
    func authority() throws(SidecarError) -> EgressAuthority {
        try state.withLock { state throws(SidecarError) in
            if let authority = state.authority { return authority }
            let authority = try EgressAuthority()
            state.authority = authority
            return authority
        }
    }

    /// Asks the system's resolver, once.
    ///
    /// - Returns: At least one address. Fails with ``SidecarError``.
    func resolve(_ name: String, within limit: TimeAmount, on eventLoop: any EventLoop) -> EventLoopFuture<[IPAddress]>
    {
        let threads = state.withLock { state in
            if let threads = state.threads { return threads }
            let threads = NIOThreadPool(numberOfThreads: EgressServices.threadCount)
            threads.start()
            state.threads = threads
            return threads
        }
        let promise = eventLoop.makePromise(of: [IPAddress].self)
        let timer = eventLoop.scheduleTask(in: limit) {
            promise.fail(SidecarError(.unavailable, "the host's name was not resolved in time"))
        }
        threads.runIfActive(eventLoop: eventLoop) { lookUp(name) }.whenComplete { result in
            timer.cancel()
            switch result {
            case .success(let addresses) where !addresses.isEmpty: promise.succeed(addresses)
            default: promise.fail(SidecarError(.unavailable, "the host's name does not resolve"))
            }
        }
        return promise.futureResult
    }

    func shutDown() async {
        let threads = state.withLock { state in
            defer { state.threads = nil }
            return state.threads
        }
        try? await threads?.shutdownGracefully()
    }
}

/// What a name stands for, in the order of RFC 6724.
private func lookUp(_ name: String) -> [IPAddress] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
    defer { freeaddrinfo(list) }
    var addresses: [IPAddress] = []
    var next = list
    while let entry = next?.pointee {
        if let address = address(of: entry), !addresses.contains(address) { addresses.append(address) }
        next = entry.ai_next
    }
    return addresses
}

private func address(of entry: addrinfo) -> IPAddress? {
    guard let pointer = UnsafeRawPointer(entry.ai_addr) else { return nil }
    switch entry.ai_family {
    case AF_INET where entry.ai_addrlen >= socklen_t(MemoryLayout<sockaddr_in>.size):
        let name = pointer.loadUnaligned(as: sockaddr_in.self)
        return .v4(IPv4Address(bits: UInt32(bigEndian: name.sin_addr.s_addr)))
    case AF_INET6 where entry.ai_addrlen >= socklen_t(MemoryLayout<sockaddr_in6>.size):
        let name = pointer.loadUnaligned(as: sockaddr_in6.self)
        let halves = withUnsafeBytes(of: name.sin6_addr) {
            (
                UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        return .v6(IPv6Address(high: halves.0, low: halves.1))
    default: return nil
    }
}

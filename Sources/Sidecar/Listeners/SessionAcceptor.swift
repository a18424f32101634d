import Glibc
import Logging
import NIOCore
import NIOPosix

/// Makes a session of each accepted connection. One that no TLS can touch, on either side, lives on a reactor; the others on
/// an event loop of NIO's, which has the TLS.
struct SessionAcceptor: Sendable {
    let environment: SessionEnvironment
    let reactors: ReactorGroup
    /// By event loop, so that its sessions share what a loop's sessions do.
    private let loops: [ObjectIdentifier: NIOSessionLoop]

    init(environment: SessionEnvironment, reactors: ReactorGroup) {
        self.environment = environment
        self.reactors = reactors
        loops = Dictionary(
            environment.group.makeIterator().map { (ObjectIdentifier($0), NIOSessionLoop($0)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// - Parameter descriptor: A connected, non-blocking socket, which is closed with its session.
    func accept(_ descriptor: Int32, resource: String) {
        // None between a reload that drops a resource and the end of its listener.
        guard let runtime = environment.current.runtime(resource) else {
            close(descriptor)
            return
        }
        // Messages are written whole, and wait for nothing. A Unix socket knows no such option, and does the same.
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        if runtime.isPlain {
            acceptPlain(descriptor, runtime)
        } else {
            acceptForTLS(descriptor, runtime)
        }
    }

    private func acceptPlain(_ descriptor: Int32, _ runtime: ResourceRuntime) {
        let reactor = reactors.next()
        let environment = environment
        let start: @Sendable () -> Void = {
            let leg = ReactorLeg(descriptor, side: .client, on: reactor)
            guard leg.open() else { return }
            begin(environment, runtime, leg, reactor)
        }
        if reactor.isOn {
            start()
        } else if !reactor.enqueue(start) {
            close(descriptor)
        }
    }

    private func acceptForTLS(_ descriptor: Int32, _ runtime: ResourceRuntime) {
        let (environment, loops) = (environment, loops)
        ClientBootstrap(group: environment.group)
            .channelOption(.maxMessagesPerRead, value: 4)
            .channelOption(.allowRemoteHalfClosure, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOLeg(side: .client, tls: runtime.listenTLS) { leg, eventLoop in
                            begin(
                                environment, runtime, leg,
                                loops[ObjectIdentifier(eventLoop)] ?? NIOSessionLoop(eventLoop))
                        })
                }
            }
            .withConnectedSocket(descriptor)
            .whenFailure { error in
                environment.logger.debug("a connection ended at once", metadata: ["reason": "\(error)"])
            }
    }
}

/// Begins a session of the resource's protocol. On the loop.
private func begin(
    _ environment: SessionEnvironment, _ runtime: ResourceRuntime, _ client: any ClientLeg, _ loop: any SessionLoop
) {
    switch runtime.resource.protocolName {
    case .postgres:
        SessionDriver(environment: environment, runtime: runtime, client: client, loop: loop).begin()
    case .http, .egress, .mcp:
        HTTPSessionDriver(environment: environment, runtime: runtime, client: client, loop: loop)?.begin()
    }
}

import Enforcement
import HTTPInspection
import NIOCore
import NIOPosix

extension NIOSessionLoop {
    /// Connects as a session of a forward proxy wants it, to one of the addresses that were judged. On the loop alone.
    ///
    /// - Parameter completion: Called once, on the loop, as that of ``connect(_:completion:)``.
    func connect(
        _ route: HTTPRoute, _ runtime: ResourceRuntime, _ egress: EgressRuntime,
        completion: @escaping (Result<any Leg, SidecarError>) -> Void
    ) {
        let leg = NIOLoopBound(NIOLeg(side: .upstream), eventLoop: eventLoop)
        let completion = NIOLoopBound(completion, eventLoop: eventLoop)
        let metrics = runtime.metrics
        let place = "\(route.destination)"
        channel(of: route, egress, from: 0).flatMapThrowing { channel in
            try channel.pipeline.syncOperations.addHandler(leg.value)
        }.whenComplete { result in
            switch result {
            case .success:
                metrics.upstreamConnects.add()
                leg.value.setReading(false)
                completion.value(.success(leg.value))
            case .failure(let error):
                metrics.upstreamFailures.add()
                completion.value(.failure(SidecarError(.unavailable, "\(place): \(Dialing.reason(of: error))")))
            }
        }
    }

    /// Tries the addresses in their order.
    private func channel(
        of route: HTTPRoute, _ egress: EgressRuntime, from index: Int
    ) -> EventLoopFuture<any Channel> {
        guard index < route.addresses.count else {
            return eventLoop.makeFailedFuture(ConnectFailure(detail: "the host has no address"))
        }
        let address = route.addresses[index]
        return channel(of: route, egress, to: address).flatMapError { error in
            guard index + 1 < route.addresses.count else { return self.eventLoop.makeFailedFuture(error) }
            return self.channel(of: route, egress, from: index + 1)
        }
    }

    private func channel(
        of route: HTTPRoute, _ egress: EgressRuntime, to address: IPAddress
    ) -> EventLoopFuture<any Channel> {
        let destination = route.destination
        switch route.kind {
        case .plain: return dial(destination, address, egress, withTLS: false)
        case .tls: return dial(destination, address, egress, withTLS: true)
        case .tunnel:
            if egress.isVerified(destination, at: address) {
                return dial(destination, address, egress, withTLS: false)
            }
            // With TLS 1.3 a server's certificate is not to be seen from beside: it is asked for beforehand.
            return dial(destination, address, egress, withTLS: true).flatMap { channel in
                channel.close(promise: nil)
                egress.noteVerified(destination, at: address)
                return self.dial(destination, address, egress, withTLS: false)
            }
        }
    }

    /// A connection to an address, after its handshake where it is TLS.
    private func dial(
        _ destination: HTTPDestination, _ address: IPAddress, _ egress: EgressRuntime, withTLS: Bool
    ) -> EventLoopFuture<any Channel> {
        let target: SocketAddress
        do {
            target = try SocketAddress(ipAddress: address.description, port: Int(destination.port))
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
        let handshake: Dialing.Handshake = { channel, established in
            try channel.pipeline.syncOperations.addHandlers([
                try egress.makeHandler(for: destination.host), UpstreamTLSHandshake(established: established),
            ])
        }
        return Dialing.dial(on: eventLoop, timeout: egress.timeout, handshake: withTLS ? handshake : nil) {
            $0.connect(to: target)
        }
    }
}

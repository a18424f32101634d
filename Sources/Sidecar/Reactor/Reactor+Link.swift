import Enforcement
import Glibc

extension Reactor {
    func link(
        _ runtime: ResourceRuntime, _ request: UpstreamRequest,
        completion: @escaping (Result<LinkedLeg, any Error>) -> Void
    ) {
        let metrics = runtime.metrics
        let finish = { (result: Result<LinkedLeg, any Error>) in
            switch result {
            case .success: metrics.upstreamConnects.add()
            case .failure: metrics.upstreamFailures.add()
            }
            completion(result)
        }
        let login: UpstreamLogin
        do {
            login = try runtime.login(database: request.database, parameters: request.parameters)
        } catch {
            return finish(.failure(error))
        }
        let place = runtime.place
        connectLeg(runtime) { result in
            switch result {
            case .failure(let failure): finish(.failure(failure))
            case .success(let leg):
                ReactorLogin.start(
                    login, keys: runtime.scramKeys, leg: leg, loop: self, seconds: runtime.loginSeconds,
                    late: SidecarError(.unavailable, "\(place): the login took too long.")
                ) { result in
                    finish(result.map { LinkedLeg(leg: leg, identity: $0) })
                }
            }
        }
    }

    func tell(_ runtime: ResourceRuntime, _ packet: [UInt8], failed: @escaping (SidecarError) -> Void) {
        connectLeg(runtime) { result in
            switch result {
            case .failure(let error): failed(error)
            case .success(let leg):
                let limit = SystemClock.uptimeNanoseconds() + UInt64(closingSeconds) * 1_000_000_000
                leg.attach(Ending(limit: self.schedule(at: limit) { leg.abort() }))
                leg.send(packet.span)
                leg.setReading(true)
            }
        }
    }

    func connect(_ runtime: ResourceRuntime, completion: @escaping (Result<any Leg, SidecarError>) -> Void) {
        let metrics = runtime.metrics
        connectLeg(runtime) { result in
            switch result {
            case .success(let leg):
                metrics.upstreamConnects.add()
                completion(.success(leg))
            case .failure(let error):
                metrics.upstreamFailures.add()
                completion(.failure(error))
            }
        }
    }

    private func connectLeg(
        _ runtime: ResourceRuntime, completion: @escaping (Result<ReactorLeg, SidecarError>) -> Void
    ) {
        let place = runtime.place
        ReactorConnect.start(runtime.connector.endpoint, on: self, seconds: runtime.loginSeconds) { result in
            switch result {
            case .failure(let failure):
                completion(.failure(SidecarError(.unavailable, "\(place): \(failure.detail)")))
            case .success(let descriptor):
                let leg = ReactorLeg(descriptor, side: .upstream, on: self)
                guard leg.open() else {
                    return completion(.failure(SidecarError(.unavailable, "\(place): the socket cannot be watched.")))
                }
                completion(.success(leg))
            }
        }
    }
}

extension ResourceRuntime {
    fileprivate var place: String { "resource '\(resource.name)': upstream \(connector.endpoint)" }
}

/// Waits for nothing but the end of a connection.
private final class Ending: LegReceiver {
    private let limit: any LoopTimer

    init(limit: any LoopTimer) {
        self.limit = limit
    }

    func received(_ bytes: Span<UInt8>, on side: LegSide) {}
    func readCompleted(on side: LegSide) {}
    func writabilityChanged(_ side: LegSide) {}
    func tlsEstablished() {}
    func closed(_ side: LegSide, reason: (any Error)?) { limit.cancel() }
}

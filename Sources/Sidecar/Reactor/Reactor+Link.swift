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
        let endpoint = runtime.connector.endpoint
        let place = "resource '\(runtime.resource.name)': upstream \(endpoint)"
        ReactorConnect.start(endpoint, on: self, seconds: runtime.loginSeconds) { result in
            switch result {
            case .failure(let failure):
                finish(.failure(SidecarError(.unavailable, "\(place): \(failure.detail)")))
            case .success(let descriptor):
                let leg = ReactorLeg(descriptor, side: .upstream, on: self)
                guard leg.open() else {
                    return finish(.failure(SidecarError(.unavailable, "\(place): the socket cannot be watched.")))
                }
                ReactorLogin.start(
                    login, keys: runtime.scramKeys, leg: leg, loop: self, seconds: runtime.loginSeconds,
                    late: SidecarError(.unavailable, "\(place): the login took too long.")
                ) { result in
                    finish(result.map { LinkedLeg(leg: leg, identity: $0) })
                }
            }
        }
    }
}

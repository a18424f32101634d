import Enforcement
import HTTPInspection
import Logging
import NIOCore

/// What a forward proxy's sessions want done. They live on loops of NIO's, which have the TLS.
extension HTTPSessionDriver {
    func resolve(_ host: HTTPHost) {
        let own = beginAttempt()
        guard case .name(let name) = host, let egress = runtime.egress, let loop = loop as? NIOSessionLoop else {
            return feed(.upstreamFailed(reason: "the host has no name"))
        }
        let driver = NIOLoopBound(self, eventLoop: loop.eventLoop)
        egress.services.resolve(name, within: egress.timeout, on: loop.eventLoop).whenComplete { result in
            let driver = driver.value
            guard driver.isWaiting(for: own) else { return }
            switch result {
            case .success(let addresses): driver.feed(.resolved(addresses))
            case .failure(let error): driver.feed(.upstreamFailed(reason: "\(error)"))
            }
        }
    }

    func connect(_ route: HTTPRoute) {
        guard let egress = runtime.egress, let loop = loop as? NIOSessionLoop else {
            return feed(.upstreamFailed(reason: "there is no way out"))
        }
        attachUpstream { [runtime] in loop.connect(route, runtime, egress, completion: $0) }
    }

    func startClientTLS(for host: HTTPHost) {
        do {
            guard let egress = runtime.egress, let leg = client as? NIOLeg else {
                throw SidecarError(.software, "there is no TLS here")
            }
            try leg.startTLS(try egress.authority.context(for: host))
            hostShown = host
        } catch {
            logger.error("TLS to the client could not begin", metadata: ["reason": "\(error)"])
            client.abort()
        }
    }
}

import Enforcement
import NIOCore
import Policy

/// An upstream connection that is logged in.
struct UpstreamLink: Sendable {
    let channel: any Channel
    let identity: UpstreamIdentity
}

extension ResourceRuntime {
    /// A login with the credentials as their files have them now.
    func login(database: String, parameters: [StartupParameter]) throws(SidecarError) -> UpstreamLogin {
        let credentials = try credentials.current()
        guard let user = credentials.user else {
            throw SidecarError(
                .config,
                "resource '\(resource.name)': there is no user for the upstream; "
                    + "name a usernameFile in its credentials.")
        }
        return UpstreamLogin(
            user: user, password: credentials.password, database: database,
            startup: parameters.map { ($0.name, $0.value) }, protection: connector.protection)
    }

    /// Connects, does TLS and logs in, within the configured time.
    ///
    /// - Parameters:
    ///   - parameters: startup parameters besides user and database, in their order.
    ///   - prepare: adds the handlers that stand behind the login, before any byte is read.
    /// - Returns: Fails with ``SidecarError`` or `UpstreamLoginError`.
    func link(
        database: String, parameters: [StartupParameter], on eventLoop: any EventLoop,
        prepare: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<UpstreamLink> {
        let (connector, scramKeys, metrics) = (connector, scramKeys, metrics)
        let limit = TimeAmount.seconds(loginSeconds)
        let login: UpstreamLogin
        do {
            login = try self.login(database: database, parameters: parameters)
        } catch {
            metrics.upstreamFailures.add()
            return eventLoop.makeFailedFuture(error)
        }
        let linked = connector.connect(on: eventLoop).flatMap { channel in
            let promise = eventLoop.makePromise(of: UpstreamIdentity.self)
            do {
                let handler = UpstreamLoginHandler(login: login, keys: scramKeys, promise: promise)
                try channel.pipeline.syncOperations.addHandler(handler)
                try prepare(channel)
            } catch {
                promise.fail(error)
            }
            let timer = eventLoop.scheduleTask(in: limit) {
                promise.fail(
                    SidecarError(
                        .unavailable,
                        "resource '\(connector.resource.name)': upstream \(connector.endpoint): the login took too long."
                    ))
            }
            return promise.futureResult
                .map { UpstreamLink(channel: channel, identity: $0) }
                .always { result in
                    timer.cancel()
                    if case .failure = result { channel.close(promise: nil) }
                }
        }
        linked.whenComplete { result in
            switch result {
            case .success: metrics.upstreamConnects.add()
            case .failure: metrics.upstreamFailures.add()
            }
        }
        return linked
    }
}

import Enforcement
import Logging
import Policy
import PostgresWire

extension SessionDriver {
    /// Connects, does TLS, logs in and has the catalog at hand, then tells the session.
    func connectUpstream(_ request: UpstreamRequest) {
        database = request.database
        if let number {
            let database = request.database
            environment.registry.update(number) { $0.database = database }
        }
        loop.link(runtime, request) { result in
            switch result {
            case .success(let linked): self.readCatalog(then: linked)
            case .failure(let error): if self.number != nil { self.fail(error) }
            }
        }
    }

    private func readCatalog(then linked: LinkedLeg) {
        let (catalogs, runtime, database) = (environment.catalogs, runtime, database)
        let both = LoopBound((driver: self, linked: linked), on: loop)
        Task {
            let result: Result<PostgresCatalog, any Error>
            do {
                result = .success(try await catalogs.catalog(for: runtime, database: database))
            } catch {
                result = .failure(error)
            }
            both.run { $0.driver.upstreamLinked($0.linked, result) }
        }
    }

    private func upstreamLinked(_ linked: LinkedLeg, _ result: Result<PostgresCatalog, any Error>) {
        let leg = linked.leg
        guard number != nil else { return leg.abort() }
        switch result {
        case .success(let catalog):
            guard leg.isOpen else {
                leg.abort()
                return fail(ConnectFailure(detail: "the server closed the connection after the login"))
            }
            upstream = leg
            feed(
                .upstreamReady(
                    UpstreamGreeting(
                        parameters: linked.identity.parameters, cancelKey: CancelKey(linked.identity),
                        catalog: catalog)))
            attachUpstream(leg)
        case .failure(let error):
            leg.abort()
            fail(error)
        }
    }

    private func fail(_ error: any Error) {
        if let refused = error as? UpstreamLoginError, refused.isOfCredentials {
            let resource = runtime.resource
            logger.error(
                "the upstream refuses the sidecar's credentials: mend the resource's files, or the role in the database",
                metadata: [
                    "resource": "\(resource.name)", "sqlstate": "\(refused.sqlstate ?? "")", "reason": "\(refused)",
                    "usernameFile": "\(resource.usernameFile ?? "none")",
                    "passwordFile": "\(resource.passwordFile ?? "none")",
                ])
        } else {
            logger.warning("the upstream could not be reached", metadata: ["reason": "\(error)"])
        }
        feed(.upstreamFailed(UpstreamFailure(error)))
    }

    /// Has the catalog read again, since this session changed the schema.
    func refreshCatalog() {
        let driver = LoopBound(self, on: loop)
        let (catalogs, runtime, database, logger) = (environment.catalogs, runtime, database, logger)
        Task {
            do {
                let catalog = try await catalogs.refresh(runtime, database: database)
                driver.run { $0.feed(.catalogChanged(catalog)) }
            } catch {
                logger.warning("the catalog could not be read again", metadata: ["reason": "\(error)"])
                driver.run {
                    $0.feed(.catalogLost(reason: "the catalog could not be read after this session changed it"))
                }
            }
        }
    }

    /// Sends this session's upstream a CancelRequest, on a connection of its own as the protocol wants (55.2.8).
    func cancelStatement() {
        guard let key = session.upstreamCancelKey else { return }
        var secret: [UInt8] = []
        for shift in stride(from: 24, through: 0, by: -8) {
            secret.append(UInt8(truncatingIfNeeded: key.secret >> shift))
        }
        let packet = StartupPacket.cancel(processID: key.processID, secret: secret).encoded
        loop.tell(runtime, packet) { [logger] error in
            logger.warning("a cancel did not reach the upstream", metadata: ["reason": "\(error)"])
        }
    }
}

extension CancelKey {
    /// - Returns: `nil` when the server gave no key of protocol 3.0.
    init?(_ identity: UpstreamIdentity) {
        guard let processID = identity.processID, identity.secretKey.count == 4 else { return nil }
        self.init(
            processID: processID,
            secret: identity.secretKey.reduce(Int32(0)) { $0 << 8 | Int32($1) })
    }
}

extension UpstreamFailure {
    /// What a client may know of it: no address and no credential.
    init(_ error: any Error) {
        guard let error = error as? UpstreamLoginError, error.code == .refused, let state = error.sqlstate else {
            self.init(
                sqlState: "08001", message: "The database behind this address cannot be reached.", detail: "\(error)")
            return
        }
        // Whose names the server's message tells.
        let isOurs = error.isOfCredentials
        self.init(
            sqlState: isOurs ? "08004" : state,
            message: isOurs
                ? "The database behind this address refuses the sidecar's own \(state == "28P01" ? "password" : "login"): it is "
                    + "not about your token. Whoever operates the sidecar must mend it."
                : error.message,
            detail: error.message)
    }
}

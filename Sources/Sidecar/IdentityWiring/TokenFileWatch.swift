import Enforcement
import Identity
import Logging
import Policy

/// Watches the token files of resources: a renewed token renews the sessions that came in with the file.
actor TokenFileWatch {
    private struct Seen {
        var path: String
        var stamp: FileStamp?
    }

    private let environment: SessionEnvironment
    private let readiness: Readiness
    private var seen: [String: Seen] = [:]

    init(environment: SessionEnvironment, readiness: Readiness) {
        self.environment = environment
        self.readiness = readiness
    }

    func tick(_ runtimes: [ResourceRuntime]) async {
        var faults: [String] = []
        for runtime in runtimes {
            let resource = runtime.resource
            do {
                try runtime.checkCredentials()
                if let fault = runtime.tokens?.fault { faults.append("resource '\(resource.name)': \(fault)") }
            } catch {
                faults.append(error.message)
            }
            guard let path = resource.tokenFile else { continue }
            let stamp = FileStamp(path: path)
            if stamp == nil { faults.append("\(path): there is no token file for resource '\(resource.name)'") }
            let before = seen[resource.name]
            seen[resource.name] = Seen(path: path, stamp: stamp)
            guard let before, stamp != nil, before.path != path || before.stamp != stamp else { continue }
            await renew(resource)
        }
        readiness.set(
            "files",
            Readiness.Part(
                isReady: faults.isEmpty,
                detail: faults.isEmpty ? "credentials and tokens are there" : faults.joined(separator: "; ")))
    }

    private func renew(_ resource: Resource) async {
        let token: VerifiedToken
        do throws(TokenError) {
            token = try await environment.identity.verify(try readTokenFile(of: resource))
        } catch {
            environment.metrics.tokensRefused.add()
            environment.logger.warning(
                "a new token was not taken; sessions go on until theirs expire",
                metadata: ["resource": "\(resource.name)", "reason": "\(error.message)"])
            return
        }
        let identity = environment.identity.identity(of: token)
        for entry in environment.registry.entries(where: { $0.resource == resource.name && $0.usesTokenFile }) {
            // A session is one person's: another's token does not take it over.
            guard let old = entry.token, old.subject == token.subject, old.issuer == token.issuer else {
                entry.handle.deliver(.revoked(reason: "the token file is another subject's now"))
                continue
            }
            environment.registry.update(entry.number) { $0.token = token }
            entry.handle.deliver(.identityChanged(identity))
        }
        environment.logger.info("a token was renewed", metadata: ["resource": "\(resource.name)"])
    }
}

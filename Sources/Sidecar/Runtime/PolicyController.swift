import Enforcement
import Logging
import NIOCore
import Policy
import Records
import Synchronization

/// Keeps the policy in force: loads it, watches its files, and has it take over everywhere at once. A policy that
/// cannot be used changes nothing and says so.
actor PolicyController {
    private let configuration: SidecarConfiguration
    private let environment: SessionEnvironment
    private let listeners: ListenerSet
    private let journal: SidecarJournal
    private let readiness: Readiness
    private let logger: Logger
    private var stamp: PolicyStamp?
    private var failures: [String: SidecarError] = [:]

    private var current: CurrentPolicy { environment.current }

    init(
        environment: SessionEnvironment, listeners: ListenerSet, journal: SidecarJournal,
        readiness: Readiness
    ) {
        self.configuration = environment.configuration
        self.environment = environment
        self.listeners = listeners
        self.journal = journal
        self.readiness = readiness
        self.logger = environment.logger
    }

    /// The first load, when the sidecar starts.
    ///
    /// - Throws: ``SidecarError`` when there is no policy that can be used, unless the configuration waits for one.
    func start() async throws(SidecarError) {
        stamp = PolicyStamp(path: configuration.policyPath)
        do throws(SidecarError) {
            let loaded = try LoadedPolicy.load(path: configuration.policyPath)
            let failures = try await takeOver(loaded)
            if let failure = failures.sorted(by: { $0.key < $1.key }).first?.value { throw failure }
        } catch {
            guard configuration.waitsForPolicy else { throw error }
            reject(error)
        }
    }

    /// One look at the files.
    func tick() async {
        let seen = PolicyStamp(path: configuration.policyPath)
        if seen != stamp {
            do throws(SidecarError) {
                let loaded = try LoadedPolicy.load(path: configuration.policyPath)
                // Files that changed while they were read are read again at the next tick.
                guard PolicyStamp(path: configuration.policyPath) == seen else { return }
                stamp = seen
                if loaded.bundle.digest == current.bundle?.digest {
                    readiness.set("policy", Readiness.Part(isReady: true, detail: inForce(loaded.bundle)))
                    return
                }
                _ = try await takeOver(loaded)
            } catch {
                guard PolicyStamp(path: configuration.policyPath) == seen else { return }
                stamp = seen
                reject(error)
            }
        } else if !failures.isEmpty {
            // A port that was in use may have become free.
            await listen(current.runtimes)
        }
    }

    private func takeOver(_ loaded: LoadedPolicy) async throws(SidecarError) -> [String: SidecarError] {
        let bundle = loaded.bundle
        for warning in loaded.warnings { logger.warning("policy: \(warning)") }
        var maskKey: MaskKey?
        if let path = bundle.maskKeyFile { maskKey = try MaskKeyFile.key(path: path) }
        var runtimes: [ResourceRuntime] = []
        for resource in bundle.resources {
            do {
                runtimes.append(
                    try ResourceRuntime(
                        resource: resource,
                        policy: BundlePolicy(
                            bundle: bundle, resource: resource.name, maskKey: maskKey,
                            scanner: try DetectorScanner(
                                bundle: bundle, resource: resource.name,
                                // Links of models are looked for, and what answers list is counted, though nothing is classified.
                                isNeeded: resource.profile != nil
                                    || resource.protocolName != .postgres && bundle.hasBudgets(on: resource.name))),
                        configuration: configuration, scramKeys: environment.scramKeys, metrics: environment.metrics,
                        egress: environment.egress, oauth: environment.oauth))
            } catch let error as SidecarError {
                throw error
            } catch {
                throw SidecarError(.config, "resource '\(resource.name)': \(error)")
            }
        }
        environment.identity.use(bundle.issuers)
        let before = current.runtimes
        current.replace(bundle: bundle, runtimes: runtimes)
        journal.policyChanged(bundle)
        tellSessions(before)
        await listen(runtimes)
        environment.metrics.policyReloads.add()
        environment.metrics.policyRules.set(Int64(bundle.ruleCount))
        readiness.set("policy", Readiness.Part(isReady: true, detail: inForce(bundle)))
        logger.notice(
            "a policy is in force",
            metadata: [
                "policy": "\(bundle.name)", "digest": "\(digestText(bundle.digest))", "rules": "\(bundle.ruleCount)",
            ])
        return failures
    }

    /// - Parameter before: What was in force until now.
    private func tellSessions(_ before: [ResourceRuntime]) {
        let before = Dictionary(before.map { ($0.resource.name, $0.resource) }) { $1 }
        for entry in environment.registry.entries() {
            guard let runtime = current.runtime(entry.resource) else {
                if let policy = current.withoutResource { entry.handle.deliver(.policyChanged(policy)) }
                continue
            }
            entry.handle.deliver(.policyChanged(runtime.policy))
            // Its connection and its credential are those of before: it ends when it can, and the next has the new ones.
            if let old = before[entry.resource], !old.reachesItsUpstream(as: runtime.resource) {
                entry.handle.deliver(.drain)
            }
        }
    }

    private func listen(_ runtimes: [ResourceRuntime]) async {
        let before = failures
        failures = await listeners.apply(runtimes.filter { !$0.isOfStreams })
        for (name, error) in failures where before[name]?.message != error.message {
            logger.error("cannot listen", metadata: ["resource": "\(name)", "reason": "\(error)"])
        }
        let bound = await listeners.bound.sorted { $0.key < $1.key }.map { "\($0.key) on \($0.value)" }
        let faults = failures.sorted { $0.key < $1.key }.map(\.value.message)
        readiness.set(
            "listeners",
            Readiness.Part(isReady: faults.isEmpty && !bound.isEmpty, detail: (bound + faults).joined(separator: "; ")))
    }

    private func reject(_ error: SidecarError) {
        environment.metrics.policyRejections.add()
        logger.error("a policy was not taken", metadata: ["reason": "\(error)"])
        journal.policyRejected(error)
        let first = error.details.first ?? error.message
        if let bundle = current.bundle {
            // The last good one is in force, so that the data path works; what is wrong stands beside it.
            readiness.set(
                "policy",
                Readiness.Part(isReady: true, detail: "\(inForce(bundle)); a later one was rejected: \(first)"))
        } else {
            readiness.set("policy", Readiness.Part(isReady: false, detail: "everything is refused: \(first)"))
            readiness.set("listeners", Readiness.Part(isReady: false, detail: "no policy says where to listen"))
        }
    }

    private func inForce(_ bundle: PolicyBundle) -> String {
        "\(bundle.name) \(digestText(bundle.digest)) is in force"
    }
}

/// The policy in force, as any thread may look at it.
final class CurrentPolicy: SidecarConditionReporting {
    private struct State {
        var bundle: PolicyBundle?
        var runtimes: [String: ResourceRuntime] = [:]
    }

    private let state = Mutex(State())
    private let registry: SessionRegistry

    init(registry: SessionRegistry) {
        self.registry = registry
    }

    func replace(bundle: PolicyBundle, runtimes: [ResourceRuntime]) {
        state.withLock { state in
            state.bundle = bundle
            state.runtimes = Dictionary(runtimes.map { ($0.resource.name, $0) }) { $1 }
        }
    }

    func runtime(_ resource: String) -> ResourceRuntime? { state.withLock { $0.runtimes[resource] } }
    var runtimes: [ResourceRuntime] { state.withLock { Array($0.runtimes.values) } }
    var bundle: PolicyBundle? { state.withLock { $0.bundle } }

    /// What sessions are under whose resource there is no more; `nil` before any policy is in force.
    var withoutResource: (any SessionPolicy)? {
        bundle.map { NoPolicy(name: $0.name, digest: $0.digest, recording: $0.recording) }
    }

    var openSessions: UInt64 { UInt64(registry.count) }
    var policyDigest: [UInt8] { bundle?.digest ?? [] }
    var policyName: String { bundle?.name ?? "" }
}

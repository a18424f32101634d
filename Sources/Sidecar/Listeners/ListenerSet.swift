import Logging
import Policy
import Synchronization

/// The listeners of all resources of the policy in force. A change of the policy adds and removes some and leaves the
/// others as they are, with their sessions.
actor ListenerSet {
    private let reactors: ReactorGroup
    private let overrides: [String: String]
    private let logger: Logger
    /// By resource.
    private var listeners: [String: Listener] = [:]
    private let accepted: @Sendable (_ resource: String, _ descriptor: Int32) -> Void
    private var isClosed = false

    /// - Parameter accepted: takes a connection that was accepted for a resource.
    init(
        reactors: ReactorGroup, overrides: [String: String], logger: Logger,
        accepted: @escaping @Sendable (_ resource: String, _ descriptor: Int32) -> Void
    ) {
        self.reactors = reactors
        self.overrides = overrides
        self.logger = logger
        self.accepted = accepted
    }

    /// Where each resource is listened for.
    var bound: [String: Endpoint] { listeners.mapValues(\.bound) }

    /// Listens for exactly these resources.
    ///
    /// - Returns: what could not be had, by resource. Everything else is done all the same.
    func apply(_ runtimes: [ResourceRuntime]) async -> [String: SidecarError] {
        guard !isClosed else { return [:] }
        var failures: [String: SidecarError] = [:]
        var wanted: [String: Endpoint] = [:]
        for runtime in runtimes {
            let name = runtime.resource.name
            let text = overrides[name] ?? runtime.resource.listen
            guard let endpoint = Endpoint(text) else {
                failures[name] = SidecarError(
                    .config, "resource '\(name)': listen '\(text)' is no address; write 127.0.0.1:5432 or unix:/path.")
                continue
            }
            wanted[name] = endpoint
        }
        for (name, listener) in listeners where wanted[name] != listener.endpoint {
            listeners[name] = nil
            await listener.close()
            logger.info(
                "a listener was closed", metadata: ["resource": "\(name)", "address": "\(listener.bound)"])
        }
        for (name, endpoint) in wanted.sorted(by: { $0.key < $1.key }) where listeners[name] == nil {
            do throws(SidecarError) {
                let accepted = accepted
                let listener = try Listener.bind(
                    endpoint, what: "resource '\(name)'", reactor: reactors.first, logger: logger
                ) { descriptor in accepted(name, descriptor) }
                listeners[name] = listener
                logger.info("listening", metadata: ["resource": "\(name)", "address": "\(listener.bound)"])
            } catch {
                failures[name] = error
            }
        }
        return failures
    }

    func close() async {
        isClosed = true
        for listener in listeners.values { await listener.close() }
        listeners = [:]
    }
}

import Logging
import NIOCore
import Policy
import Synchronization

/// The listeners of all resources of the policy in force. A change of the policy adds and removes some and leaves the
/// others as they are, with their sessions.
actor ListenerSet {
    private let group: any EventLoopGroup
    private let overrides: [String: String]
    private let logger: Logger
    /// By resource.
    private var listeners: [String: Listener] = [:]
    private let initialize: @Sendable (_ resource: String, any Channel) throws -> Void
    private var isClosed = false

    /// - Parameter initialize: sets up a connection that was accepted for a resource.
    init(
        group: any EventLoopGroup, overrides: [String: String], logger: Logger,
        initialize: @escaping @Sendable (_ resource: String, any Channel) throws -> Void
    ) {
        self.group = group
        self.overrides = overrides
        self.logger = logger
        self.initialize = initialize
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
            do {
                let initialize = initialize
                let listener = try await Listener.bind(endpoint, what: "resource '\(name)'", group: group) { channel in
                    try initialize(name, channel)
                }
                listeners[name] = listener
                logger.info("listening", metadata: ["resource": "\(name)", "address": "\(listener.bound)"])
            } catch let error as SidecarError {
                failures[name] = error
            } catch {
                failures[name] = bindError(error, what: "resource '\(name)'", endpoint: endpoint)
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

import Enforcement

/// Everything that a sidecar must be told and that is no policy.
public struct SidecarConfiguration: Sendable {
    /// Where records go and approvals come from.
    public struct Collector: Sendable, Hashable {
        public var host: String
        public var port: Int
        /// PEM bundle that the collector's certificate must chain to. `nil` with no certificate: no TLS, which is
        /// accepted for a collector on this host alone.
        public var caFile: String?
        /// The sidecar's workload certificate and key, PEM.
        public var certificateFile: String?
        public var keyFile: String?

        public init(
            host: String, port: Int, caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil
        ) {
            self.host = host
            self.port = port
            self.caFile = caFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// Where the agent runs, for the records.
    public struct Agent: Sendable, Hashable {
        public var namespace: String
        public var workload: String
        public var pod: String

        public init(namespace: String = "", workload: String = "", pod: String = "") {
            self.namespace = namespace
            self.workload = workload
            self.pod = pod
        }
    }

    /// A directory of policy YAML, one YAML file, or a compiled bundle.
    public var policyPath: String
    /// Start without a policy that can be used, and refuse everything until there is one.
    public var waitsForPolicy = false
    /// `nil`: records stay in the spool, and nothing can be approved.
    public var collector: Collector?
    public var spoolDirectory: String
    /// Bytes of records that may wait for the collector.
    public var spoolLimit: UInt64 = 1 << 30
    /// Bytes that all sessions together may hold of long messages under way.
    public var bufferLimit = UInt64(BufferBudget.defaultLimit)
    /// `host:port` of health, readiness and metrics; `nil`: none.
    public var operationsAddress: String? = "127.0.0.1:9464"
    public var agent = Agent()
    /// Names this sidecar in records; must stay the same over restarts.
    public var sidecarID: String
    /// How long open statements may go on after SIGTERM.
    public var drainSeconds: Int64 = 20
    /// How long connecting and logging in to an upstream may take.
    public var connectSeconds: Int64 = 10
    /// How long a client may take from connecting to the end of its login.
    public var clientLoginSeconds: Int64 = 30
    /// How often policy, credentials and tokens are looked at.
    public var watchMilliseconds: Int64 = 1_000
    /// How often a catalog in use is compared with its server's.
    public var catalogPollMilliseconds: Int64 = 5_000
    /// For how long statements are judged by a catalog that could not be compared; then the database's sessions end.
    public var catalogStaleMilliseconds: Int64 = 60_000
    /// Threads of the data path, and as many for TLS; `nil`: half as many as there are cores, one at least and four at
    /// most.
    public var eventLoops: Int?
    /// Put in place of a resource's `listen`, by the resource's name: an embedding process that takes a free port says
    /// `127.0.0.1:0`.
    public var listenOverrides: [String: String] = [:]

    public init(policyPath: String, spoolDirectory: String, sidecarID: String) {
        self.policyPath = policyPath
        self.spoolDirectory = spoolDirectory
        self.sidecarID = sidecarID
    }
}

import ArgumentParser
import Logging
import Sidecar

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The command line; what it leaves out is taken from the environment.
struct SidecarOptions: ParsableArguments {
    @Option(help: "A directory of policy YAML, one file of it, or a compiled bundle. STILE_POLICY.")
    var policy: String?

    @Flag(help: "Start without a policy that can be used; refuse everything until there is one. STILE_WAIT_FOR_POLICY.")
    var waitForPolicy = false

    @Option(help: "The collector, host:port. STILE_COLLECTOR.")
    var collector: String?

    @Option(help: "PEM file with the CA of the collector's certificate. STILE_COLLECTOR_CA.")
    var collectorCa: String?

    @Option(help: "PEM file with this sidecar's certificate. STILE_CERTIFICATE.")
    var certificate: String?

    @Option(help: "PEM file with this sidecar's key. STILE_KEY.")
    var key: String?

    @Option(help: "Directory for records until the collector has them. STILE_SPOOL.")
    var spool: String?

    @Option(help: "Bytes that the spool may hold, as 512MiB. STILE_SPOOL_LIMIT; 1GiB by default.")
    var spoolLimit: String?

    @Option(help: "Bytes that sessions may hold of long messages together. STILE_BUFFER_LIMIT; 192MiB by default.")
    var bufferLimit: String?

    @Option(help: "Address of health, readiness and metrics; 'none' for none. STILE_OPS; 127.0.0.1:9464 by default.")
    var ops: String?

    @Option(help: "The Kubernetes namespace, for records. STILE_NAMESPACE.")
    var namespace: String?

    @Option(help: "The workload's name, for records. STILE_WORKLOAD.")
    var workload: String?

    @Option(help: "The pod's name, for records. STILE_POD.")
    var pod: String?

    @Option(help: "Names this sidecar in records. STILE_SIDECAR_ID; the pod's or the host's name by default.")
    var sidecarId: String?

    @Option(help: "Seconds that open statements get after SIGTERM. STILE_DRAIN; 20 by default.")
    var drain: Int64?

    @Option(help: "trace, debug, info, notice, warning, error or critical. STILE_LOG_LEVEL; info by default.")
    var logLevel: String?

    /// - Parameter environment: the value of a variable, `nil` when it is unset or empty.
    /// - Throws: ``SidecarError`` that names the option and its mend.
    func resolve(environment: (String) -> String?) throws(SidecarError) -> (SidecarConfiguration, Logger.Level) {
        func value(_ given: String?, _ variable: String) -> String? { given ?? environment(variable) }

        guard let policy = value(policy, "STILE_POLICY") else {
            throw SidecarError(.config, "--policy is missing: name a directory of YAML or a bundle.")
        }
        guard let spool = value(spool, "STILE_SPOOL") else {
            throw SidecarError(.config, "--spool is missing: name a directory on a disk that outlives the process.")
        }
        let pod = value(pod, "STILE_POD") ?? ""
        let id = value(sidecarId, "STILE_SIDECAR_ID") ?? (pod.isEmpty ? hostName() : pod)
        var configuration = SidecarConfiguration(policyPath: policy, spoolDirectory: spool, sidecarID: id)
        configuration.waitsForPolicy = waitForPolicy || isTrue(environment("STILE_WAIT_FOR_POLICY"))
        configuration.agent = SidecarConfiguration.Agent(
            namespace: value(namespace, "STILE_NAMESPACE") ?? "", workload: value(workload, "STILE_WORKLOAD") ?? "",
            pod: pod)
        if let text = value(spoolLimit, "STILE_SPOOL_LIMIT") {
            guard let bytes = ByteSize(text), bytes.count >= 1 << 20 else {
                throw SidecarError(.config, "--spool-limit: '\(text)' is no size of 1MiB or more; write it as 512MiB.")
            }
            configuration.spoolLimit = bytes.count
        }
        if let text = value(bufferLimit, "STILE_BUFFER_LIMIT") {
            guard let bytes = ByteSize(text), bytes.count >= 8 << 20 else {
                throw SidecarError(.config, "--buffer-limit: '\(text)' is no size of 8MiB or more; write it as 192MiB.")
            }
            configuration.bufferLimit = bytes.count
        }
        if let text = value(ops, "STILE_OPS") {
            configuration.operationsAddress = text == "none" ? nil : text
        }
        if let text = drain.map(String.init) ?? environment("STILE_DRAIN") {
            guard let seconds = Int64(text), (0...3_600).contains(seconds) else {
                throw SidecarError(.config, "--drain: '\(text)' is not within 0 and 3600 seconds.")
            }
            configuration.drainSeconds = seconds
        }
        if let text = value(collector, "STILE_COLLECTOR") {
            guard case .tcp(let host, let port)? = Endpoint(text), port > 0 else {
                throw SidecarError(
                    .config,
                    "--collector or STILE_COLLECTOR: '\(text)' is no address; write host:port, as in collector.internal:7443."
                )
            }
            configuration.collector = SidecarConfiguration.Collector(
                host: host, port: port, caFile: value(collectorCa, "STILE_COLLECTOR_CA"),
                certificateFile: value(certificate, "STILE_CERTIFICATE"), keyFile: value(key, "STILE_KEY"))
        }
        let levelText = value(logLevel, "STILE_LOG_LEVEL") ?? "info"
        guard let level = Logger.Level(rawValue: levelText) else {
            throw SidecarError(
                .config,
                "--log-level: '\(levelText)' is none of trace, debug, info, notice, warning, error, critical.")
        }
        return (configuration, level)
    }
}

/// - Returns: `nil` when the variable is unset or empty.
func environmentValue(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
}

func printError(_ text: String) {
    let bytes = Array("\(text)\n".utf8)
    _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}

private func isTrue(_ text: String?) -> Bool {
    ["1", "true", "yes"].contains(text?.lowercased() ?? "")
}

private func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, 255) == 0 else { return "sidecar" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

import ArgumentParser
import Logging
import Observability
import ServiceLifecycle
import Sidecar
import UnixSignals

/// The thin main: parse, wire, drain.
@main
struct SidecarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stile-sidecar",
        abstract: "Stands between an agent and what it may reach: masks, blocks, holds and records.",
        discussion: """
            Every option can be given in the environment instead, as STILE_POLICY, STILE_COLLECTOR, STILE_SPOOL and so \
            on; the command line wins. SIGTERM stops accepting, lets open statements end (--drain) and exits. Exit codes are those of sysexits.h: 66 a file is missing, 69 a port is in use, 74 the spool \
            cannot be written, 78 the policy or a setting is wrong.
            """,
        version: SidecarVersion.current)

    @OptionGroup var options: SidecarOptions

    func run() async throws {
        do {
            let (configuration, level) = try options.resolve(environment: environmentValue)
            LoggingSystem.bootstrap { label in JSONLinesLogHandler(label: label, level: level) }
            let logger = Logger(label: "stile.sidecar")
            DescriptorLimit.raise(logger: logger)
            let sidecar = try await Sidecar(configuration: configuration, logger: logger)
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [.init(service: sidecar, successTerminationBehavior: .gracefullyShutdownGroup)],
                    gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
            try await group.run()
        } catch let error as SidecarError {
            printError("stile-sidecar: error: \(error)")
            throw ExitCode(error.code.exitCode)
        }
    }
}

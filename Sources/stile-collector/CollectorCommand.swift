import ArgumentParser
import Collector
import Foundation
import Logging
import Observability
import ServiceLifecycle
import UnixSignals

/// Takes in evidence from sidecars, keeps it, and serves auditors and approvers.
@main
struct CollectorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stile-collector",
        abstract: "Take in evidence from sidecars, keep it, and serve auditors and approvers.",
        discussion: """
            Every option may be given in the environment too: --grpc as STILE_COLLECTOR_GRPC and so on; options that \
            repeat are separated by spaces there. Exit codes are those of sysexits.h.
            """,
        version: ProductVersion.current)

    @OptionGroup var options: CollectorOptions

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: LogLevel = .info

    func run() async throws {
        let level = logLevel.level
        LoggingSystem.bootstrap { JSONLinesLogHandler(label: $0, level: level) }
        let logger = Logger(label: "stile-collector")
        let server: CollectorServer
        do {
            let configuration = try options.configuration(environment: ProcessInfo.processInfo.environment)
            server = try CollectorServer(configuration: configuration, logger: logger)
        } catch {
            Self.fail(error)
        }
        var quiet = logger
        quiet.logLevel = max(level, .warning)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: server)], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
        do {
            try await group.run()
        } catch let error as CollectorError {
            Self.fail(error)
        }
        logger.info("stopped")
    }

    /// One line that a person can act on, and the exit code that a script can.
    private static func fail(_ error: CollectorError) -> Never {
        FileHandle.standardError.write(Data("stile-collector: \(error)\n".utf8))
        Foundation.exit(error.exitCode)
    }
}

enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}

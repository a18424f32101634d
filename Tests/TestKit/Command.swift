import Foundation

/// What a program that ended left behind.
public struct CommandResult: Sendable {
    public var status: Int32
    public var output: String
    public var errors: String
}

public struct CommandFailed: Error, CustomStringConvertible {
    public var description: String

    public init(description: String) { self.description = description }
}

/// A program that a test starts: its output goes to files, so that nothing is lost and no pipe fills.
public final class Command: Sendable {
    public let outputFile: String
    public let errorFile: String
    private let folder: TemporaryFolder
    private nonisolated(unsafe) let process: Process

    /// - Parameter arguments: the program first, found on PATH unless it has a slash.
    public init(
        _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
        workingDirectory: String? = nil
    ) throws {
        folder = try TemporaryFolder("stile-command")
        outputFile = folder["out"]
        errorFile = folder["err"]
        for file in [outputFile, errorFile] { try Data().write(to: URL(fileURLWithPath: file)) }
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let workingDirectory { process.currentDirectoryURL = URL(fileURLWithPath: workingDirectory) }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: outputFile))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorFile))
        if let input {
            process.standardInput = try FileHandle(
                forReadingFrom: URL(fileURLWithPath: folder.write(input, to: "in")))
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    public var processID: Int32 { process.processIdentifier }
    public var isRunning: Bool { process.isRunning }

    public var output: String { (try? String(contentsOfFile: outputFile, encoding: .utf8)) ?? "" }
    public var errors: String { (try? String(contentsOfFile: errorFile, encoding: .utf8)) ?? "" }

    public func signal(_ number: Int32) {
        if process.isRunning { kill(process.processIdentifier, number) }
    }

    /// Waits for the program to end by itself; kills it at the limit and throws.
    public func result(within limit: Duration = .seconds(60)) async throws -> CommandResult {
        do {
            try await eventually("a program that was started ends", within: limit) { !process.isRunning }
        } catch {
            signal(SIGKILL)
            throw CommandFailed(description: "\(process.arguments ?? []) did not end within \(limit)\n\(errors)")
        }
        return CommandResult(status: process.terminationStatus, output: output, errors: errors)
    }

    /// SIGTERM, and its end.
    @discardableResult
    public func stop(within limit: Duration = .seconds(20)) async throws -> CommandResult {
        signal(SIGTERM)
        return try await result(within: limit)
    }

    /// SIGKILL, and its end.
    public func kill9() async throws {
        signal(SIGKILL)
        try await eventually("a killed program ends") { !process.isRunning }
    }

    /// Starts a program, waits for its end, and gives what it printed.
    public static func run(
        _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
        within limit: Duration = .seconds(60)
    ) async throws -> CommandResult {
        try await Command(arguments, environment: environment, input: input).result(within: limit)
    }
}

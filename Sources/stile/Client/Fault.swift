import ArgumentParser
import Collector
import Foundation

/// A fault that ends a command: one line for the person, an exit code for the script.
struct Fault: Error {
    var message: String
    var code: ExitCode

    init(_ code: ExitCode, _ message: String) {
        self.message = message
        self.code = code
    }

    /// Runs a command's body; what it throws is said in one line, and the program ends with its code.
    static func reporting<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw exit(for: error)
        }
    }

    /// Runs a command's body; what it throws is said in one line, and the program ends with its code.
    static func reporting<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch {
            throw exit(for: error)
        }
    }

    private static func exit(for error: any Error) -> any Error {
        let fault: Fault
        switch error {
        case let known as Fault: fault = known
        case let known as CollectorError: fault = Fault(ExitCode(known.exitCode), known.description)
        case is ExitCode, is ValidationError, is CleanExit: return error
        case is CancellationError: return ExitCode(130)
        default: fault = Fault(.software, "\(error)")
        }
        FileHandle.standardError.write(Data("stile: \(Terminal.safe(fault.message))\n".utf8))
        return fault.code
    }
}

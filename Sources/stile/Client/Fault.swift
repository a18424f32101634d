import ArgumentParser
import Collector
import Foundation

/// A fault that ends a command: one line for the person, an exit code for the script.
struct Fault: Error {
    var message: String
    /// Of sysexits.h.
    var code: Int32

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
        case let known as CollectorError: fault = Fault(message: known.description, code: known.exitCode)
        case is ExitCode, is ValidationError, is CleanExit: return error
        case is CancellationError: return ExitCode(130)
        default: fault = Fault(message: "\(error)", code: 70)  // EX_SOFTWARE
        }
        FileHandle.standardError.write(Data("stile: \(fault.message)\n".utf8))
        return ExitCode(fault.code)
    }
}

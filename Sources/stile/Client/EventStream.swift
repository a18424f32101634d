import ArgumentParser
import Collector
import Foundation

/// A stream of the collector's events that outlives its connections: it takes up where it was cut.
struct EventStream {
    let client: CollectorClient
    let query: [String: String?]
    /// Where to begin; nil for what comes from now on.
    var cursor: String?

    /// Calls `each` with the data of every event until it throws, or the task is cancelled.
    ///
    /// - Throws: a fault that waiting does not mend, such as a token that is refused.
    func run<Value: Decodable>(_ type: Value.Type, each: (Value) async throws -> Void) async throws {
        var last = cursor
        var query = query
        var isLost = false
        while true {
            query["cursor"] = last
            do {
                var id: String?
                try await client.lines("events", query) { line in
                    if isLost {
                        isLost = false
                        Terminal.note("connected again")
                    }
                    if line.hasPrefix("id: ") { id = String(line.dropFirst(4)) }
                    guard line.hasPrefix("data: ") else { return }
                    let value = try JSONDecoder().decode(type, from: Data(line.dropFirst(6).utf8))
                    try await each(value)
                    last = id
                }
            } catch let fault as Fault where [.unavailable, .temporaryFailure].contains(fault.code) {
                if !isLost { Terminal.note(fault.message + "; trying again") }
                isLost = true
            }
            try await Task.sleep(for: .seconds(1))
        }
    }
}

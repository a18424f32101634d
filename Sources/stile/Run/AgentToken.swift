import Foundation

/// Whom a command that is run behind a sidecar works for.
enum AgentToken {
    /// - Parameter file: What `--token-file` says; `nil`: the token is in `STILE_TOKEN`.
    /// - Returns: `nil` where neither says one.
    static func read(_ file: String?) throws(Fault) -> String? {
        guard let file else { return ProcessInfo.processInfo.environment["STILE_TOKEN"] }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Fault(.noInput, "the token file \(file) cannot be read")
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

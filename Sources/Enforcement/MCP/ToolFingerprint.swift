import Crypto
public import Policy

/// What a tool is: SHA-256 over the canonical form of what tells a model and a person what it does and takes. Icons are left out, which
/// change without meaning anything.
public enum ToolFingerprint {
    private static let members = ["name", "title", "description", "inputSchema", "outputSchema", "annotations"]

    /// - Parameter tool: As a list of tools holds it.
    /// - Returns: `sha256:` and 64 hexadecimal digits.
    public static func of(_ tool: ArgumentValue) -> String {
        let told = members.compactMap { name in tool[name].map { ArgumentValue.Member(name: name, value: $0) } }
        let digest = SHA256.hash(data: ArgumentValue.object(told).canonicalJSON)
        let digits = Array("0123456789abcdef".utf8)
        return "sha256:"
            + String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// Remembers what tools were, for all sessions of a process and beyond its end. Quick, from any thread.
public protocol ToolPinning: Sendable {
    /// Notes what a tool is now.
    ///
    /// - Returns: What it was when it was first seen; `nil` when that cannot be kept.
    func note(_ fingerprint: String, of tool: String, resource: String) -> String?
    /// What a tool was when it was first seen, and when it was last.
    func seen(_ tool: String, resource: String) -> (first: String, last: String)?
}

/// Remembers nothing that outlives it.
public final class NoToolPins: ToolPinning {
    public init() {}
    public func note(_ fingerprint: String, of tool: String, resource: String) -> String? { fingerprint }
    public func seen(_ tool: String, resource: String) -> (first: String, last: String)? { nil }
}

/// What tools must be: policy's word before what was seen first.
struct ToolPins {
    let resource: String
    /// By the tool's name.
    let required: [String: String]
    let memory: any ToolPinning

    /// Whether a tool that is listed now is another than it must be.
    func isChanged(_ tool: String, is fingerprint: String) -> Bool {
        let first = memory.note(fingerprint, of: tool, resource: resource)
        return (required[tool] ?? first) != fingerprint
    }

    /// Whether a tool that is called was another than it must be when it was last listed. One that nobody has listed is not known to be.
    func isChanged(_ tool: String) -> Bool {
        guard let seen = memory.seen(tool, resource: resource) else { return false }
        return (required[tool] ?? seen.first) != seen.last
    }
}

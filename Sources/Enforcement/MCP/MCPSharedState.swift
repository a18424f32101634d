import Crypto
import Policy
import Synchronization

/// What the sessions to MCP servers of a process share.
public struct MCPServices: Sendable {
    public var pins: any ToolPinning
    let states: MCPRequestStates
    let sessions: MCPSessionOwners

    public init(pins: any ToolPinning) {
        self.pins = pins
        states = MCPRequestStates()
        sessions = MCPSessionOwners()
    }
}

/// What a client of revision 2026-07-28 carries between the question for an approval and the same request again: sealed, so that nobody
/// makes one up; for one request of one subject; until the approval expires; once.
final class MCPRequestStates: Sendable {
    static let prefix = "stile1."
    /// States that were used are kept until they expire. Why this many: as many as approvals that are asked for at once, eight times.
    private static let capacity = 32_768

    private let key = SymmetricKey(size: .bits256)
    private let used = Mutex<[[UInt8]: Int64]>([:])

    /// - Parameter binding: What the approval is for, 32 bytes.
    func seal(_ binding: [UInt8], expiresAtUnixSeconds: Int64) -> String? {
        var content: [UInt8] = []
        for shift in stride(from: Int64(56), through: 0, by: -8) {
            content.append(UInt8(truncatingIfNeeded: expiresAtUnixSeconds >> shift))
        }
        content += binding
        guard let box = try? AES.GCM.seal(content, using: key), let sealed = box.combined else { return nil }
        return Self.prefix + Base64.encodeForURLs(Array(sealed))
    }

    /// Uses a state up.
    ///
    /// - Returns: Whether it is one, of this request, in time, and the first time.
    func redeem(_ state: String, for binding: [UInt8], at now: Int64) -> Bool {
        guard state.hasPrefix(Self.prefix),
            let sealed = Base64.decode(state.dropFirst(Self.prefix.count).utf8, isForURLs: true),
            let box = try? AES.GCM.SealedBox(combined: sealed), let opened = try? AES.GCM.open(box, using: key)
        else { return false }
        let content = Array(opened)
        guard content.count == 8 + binding.count, content[8...].elementsEqual(binding) else { return false }
        let expires = content[..<8].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        guard expires > now else { return false }
        return used.withLock { used in
            // The nonce is another each time.
            let nonce = Array(sealed.prefix(12))
            guard used[nonce] == nil else { return false }
            if used.count >= Self.capacity { used = used.filter { $0.value > now } }
            guard used.count < Self.capacity else { return false }
            used[nonce] = expires
            return true
        }
    }
}

/// Whose sessions of servers are whose: an id in other hands opens nothing.
final class MCPSessionOwners: Sendable {
    /// Above it all are forgotten, and clients begin anew.
    private static let capacity = 65_536

    private let owners = Mutex<[[UInt8]: [UInt8]]>([:])

    private static func key(_ session: [UInt8], _ resource: String) -> [UInt8] {
        Array(SHA256.hash(data: Array(resource.utf8) + [0] + session))
    }

    private static func owner(_ subject: Subject) -> [UInt8] {
        Array(SHA256.hash(data: Array(subject.issuer.utf8) + [0] + Array(subject.id.utf8)))
    }

    func began(_ session: [UInt8], resource: String, by subject: Subject) {
        owners.withLock { owners in
            if owners.count >= Self.capacity { owners.removeAll() }
            owners[Self.key(session, resource)] = Self.owner(subject)
        }
    }

    func isOwn(_ session: [UInt8], resource: String, of subject: Subject) -> Bool {
        owners.withLock { $0[Self.key(session, resource)] == Self.owner(subject) }
    }
}

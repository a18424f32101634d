import Crypto
import Policy
import WireBytes

/// What an approval is for and nothing else: SHA-256 over resource, subject and what is asked, each part with its length before it.
struct ApprovalBinding {
    private var hash = SHA256()

    /// - Parameter kind: Tells apart what different protocols bind.
    init(_ kind: String, resource: String, _ identity: SessionIdentity?) {
        add(kind.utf8)
        add(resource.utf8)
        add((identity?.subject.issuer ?? "").utf8)
        add((identity?.subject.id ?? "").utf8)
        for actor in identity?.subject.actors ?? [] { add(actor.utf8) }
    }

    mutating func add(_ part: some Collection<UInt8>) {
        var length: [UInt8] = []
        length.appendBigEndian(UInt64(part.count))
        add(raw: length)
        add(raw: Array(part))
    }

    /// Adds what tells its own length.
    mutating func add(raw bytes: [UInt8]) {
        hash.update(data: bytes)
    }

    func finalize() -> [UInt8] { Array(hash.finalize()) }
}

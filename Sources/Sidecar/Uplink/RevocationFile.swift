import FoundationEssentials
import SwiftProtobuf
import UplinkProtocol

/// The revocations in force, kept over a restart: a sidecar that starts while its collector is away must not let in
/// whom it had been told to keep out.
struct RevocationFile {
    let path: String

    /// - Returns: `nil` when there is no file.
    /// - Throws: ``SidecarError`` when there is one that cannot be read: to start without would let in who was revoked.
    func read() throws(SidecarError) -> [PBRevocation]? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            let data = try Data(contentsOf: URL(filePath: path))
            return try PBWelcome(serializedBytes: data).revocations
        } catch {
            throw SidecarError(
                .noInput,
                "revocations: cannot read \(path): \(error); remove it, and the collector tells them again")
        }
    }

    /// Replaces the file whole.
    func write(_ revocations: [PBRevocation]) throws {
        let welcome = PBWelcome.with { $0.revocations = revocations }
        let data: Data = try welcome.serializedBytes()
        try data.write(to: URL(filePath: path), options: .atomic)
    }
}

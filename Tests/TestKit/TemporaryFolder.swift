import Foundation

/// A folder of a test's own, removed with the value that stands for it.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init(_ label: String = "stile") throws {
        path = try TestRun.folder() + "/\(label)-\(UUID().uuidString.prefix(8).lowercased())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        // The database server runs as a user of its own and must be able to enter.
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    public subscript(name: String) -> String { path + "/" + name }

    /// Writes a file below the folder and gives its path.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        let file = self[name]
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        return file
    }
}

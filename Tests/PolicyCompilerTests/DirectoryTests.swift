import Foundation
import PolicyCompiler
import Testing

@Suite struct DirectoryTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("stile-\(UUID().uuidString)")

    private func write(_ text: String, to name: String) throws {
        let url = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    private func read() throws -> [String] {
        try PolicyDirectory.read(folder.path).map {
            "\($0.name.dropFirst(folder.path.count + 1))=\(String(decoding: $0.bytes, as: UTF8.self))"
        }
    }

    @Test func `only YAML that is not hidden is read, sorted by name`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["b.yaml", "a.yml", ".hidden.yaml", "notes.txt", "sub/c.yaml"] { try write(name, to: name) }
        #expect(try read() == ["a.yml=a.yml", "b.yaml=b.yaml"])
    }

    @Test func `a ConfigMap's volume is read behind its link, all of one version`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write("old", to: "..2026_1/p.yaml")
        try write("new", to: "..2026_2/p.yaml")
        let manager = FileManager.default
        let data = folder.appendingPathComponent("..data").path
        try manager.createSymbolicLink(atPath: data, withDestinationPath: "..2026_1")
        try manager.createSymbolicLink(
            atPath: folder.appendingPathComponent("p.yaml").path, withDestinationPath: "..data/p.yaml")
        #expect(try read() == ["p.yaml=old"])
        try manager.removeItem(atPath: data)
        try manager.createSymbolicLink(atPath: data, withDestinationPath: "..2026_2")
        #expect(try read() == ["p.yaml=new"])
    }

    @Test func `what cannot be read is named`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect {
            try PolicyDirectory.read(folder.path)
        } throws: { error in
            "\(error)" == "\(folder.path): cannot read it: No such file or directory"
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #expect {
            try PolicyDirectory.read(folder.path)
        } throws: { error in
            "\(error)" == "\(folder.path): the directory holds no *.yaml or *.yml file"
        }
        try FileManager.default.createSymbolicLink(
            atPath: folder.appendingPathComponent("gone.yaml").path, withDestinationPath: "nowhere")
        #expect {
            try PolicyDirectory.read(folder.path)
        } throws: { error in
            "\(error)" == "\(folder.path)/gone.yaml: it is no regular file"
        }
    }
}

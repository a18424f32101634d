import Foundation
import Logging
import TestKit
import Testing

@testable import Sidecar

/// What tools were outlives the process.
@Suite("The store of tools") struct ToolStoreTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("tools") }

    private func open() throws -> ToolStore {
        try ToolStore(directory: folder.path, logger: Logger(label: "test"))
    }

    @Test("The first that was seen of a tool stays its pin, whatever comes after, and after the end") func first()
        throws
    {
        let store = try open()
        #expect(store.seen("find", resource: "shop") == nil)
        #expect(store.note("sha256:1", of: "find", resource: "shop") == "sha256:1")
        #expect(store.note("sha256:2", of: "find", resource: "shop") == "sha256:1")
        #expect(store.note("sha256:3", of: "find", resource: "other") == "sha256:3")
        #expect(store.note("sha256:4", of: "with\ttab\nand \"line\"", resource: "shop") == "sha256:4")
        // Nobody closes it: the file is as a kill leaves it.
        let again = try open()
        #expect(try #require(again.seen("find", resource: "shop")) == ("sha256:1", "sha256:2"))
        #expect(try #require(again.seen("find", resource: "other")) == ("sha256:3", "sha256:3"))
        #expect(again.seen("with\ttab\nand \"line\"", resource: "shop")?.first == "sha256:4")
        #expect(again.note("sha256:1", of: "find", resource: "shop") == "sha256:1")
        #expect(try #require(try open().seen("find", resource: "shop")) == ("sha256:1", "sha256:1"))
    }

    @Test("A line that was cut short is passed over, and written behind") func damage() throws {
        _ = try open().note("sha256:1", of: "find", resource: "shop")
        let path = folder[".tools"]
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes += Data("sha256:9\tshop\t\"fi".utf8)
        try bytes.write(to: URL(fileURLWithPath: path))
        let store = try open()
        #expect(store.seen("find", resource: "shop")?.last == "sha256:1")
        _ = store.note("sha256:2", of: "fi", resource: "shop")
        let again = try open()
        #expect(again.seen("fi", resource: "shop")?.first == "sha256:2")
        #expect(again.seen("find", resource: "shop")?.last == "sha256:1")
    }

    @Test("A tool that changes all the time does not fill the disk") func growth() throws {
        let store = try open()
        for number in 0..<20_000 {
            _ = store.note("sha256:\(String(repeating: "\(number % 10)", count: 64))", of: "t", resource: "r")
        }
        let size = try FileManager.default.attributesOfItem(atPath: folder[".tools"])[.size] as? Int ?? 0
        #expect(size < 1_200_000)
        #expect(try open().seen("t", resource: "r")?.first == "sha256:\(String(repeating: "0", count: 64))")
    }

    @Test("Others of the machine do not read it") func permissions() throws {
        _ = try open().note("sha256:1", of: "find", resource: "shop")
        let mode = try FileManager.default.attributesOfItem(atPath: folder[".tools"])[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }
}

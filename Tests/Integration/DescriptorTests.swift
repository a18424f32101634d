import Foundation
import Glibc
import TestKit
import Testing

@Suite("A sidecar that has no descriptor left")
struct DescriptorTests {
    @Test("says so, goes on with the sessions that stand, and accepts again when others end") func recovers()
        async throws
    {
        let stack = try await StileStack(withCollector: false)
        let token = try await stack.token()
        #expect(try await stack.psql("SELECT 'before'", token: token).output.contains("before"))
        let sidecar = try #require(await stack.sidecar)
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(sidecar.processID)/fd").count
        let limited = try await Command.run(["prlimit", "--pid", "\(sidecar.processID)", "--nofile=\(open + 8)"])
        #expect(limited.status == 0, "\(limited.errors)")
        let clients = (0..<40).map { _ in connected(to: stack.port) }
        try await eventually("the sidecar complains") { sidecar.errors.contains("no connection can be accepted") }
        for client in clients { close(client) }
        try await eventually("it lets somebody in") {
            try await stack.psql("SELECT 'after'", token: token).output.contains("after")
        }
        #expect(sidecar.isRunning)
        // Once for each time, however often it was tried.
        #expect(sidecar.errors.components(separatedBy: "no connection can be accepted").count < 10)
    }

    private func connected(to port: Int) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                connect(descriptor, raw, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        #expect(status == 0)
        return descriptor
    }
}

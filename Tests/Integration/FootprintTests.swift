import Foundation
import TestKit
import Testing

@Suite("What a sidecar holds")
struct FootprintTests {
    @Test("after its start is given back, and comes back when it is needed") func pages() async throws {
        let stack = try await StileStack(withCollector: false)
        let token = try await stack.token()
        let process = try #require(await stack.sidecar).processID
        /// Kilobytes of files that are mapped into the process and resident.
        func residentFiles() throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("RssFile:") }
            return try #require(line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })
        }
        let started = try residentFiles()
        try await eventually("the pages that the start needed are given back") { try residentFiles() < started / 2 }
        let answer = try await stack.psql("SELECT 6 * 7;", token: token)
        #expect(answer.output == "42\n", "\(answer.errors)")
        try await stack.stopAll()
    }
}

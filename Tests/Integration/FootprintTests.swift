import Foundation
import TestKit
import Testing

@Suite("What a sidecar holds")
struct FootprintTests {
    @Test("after its start is given back, and comes back when it is needed") func pages() async throws {
        let stack = try await StileStack(withCollector: false)
        let token = try await stack.token()
        let process = try #require(await stack.sidecar).processID
        /// A field of proc(5)'s status, in kilobytes.
        func kilobytes(_ field: String) throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix(field + ":") }
            return try #require(line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })
        }
        // Against the peak, which no later moment lowers: a slow start may have given its pages back already.
        try await eventually("the pages that the start needed are given back") {
            try kilobytes("RssFile") < kilobytes("VmHWM") / 2
        }
        let answer = try await stack.psql("SELECT 6 * 7;", token: token)
        #expect(answer.output == "42\n", "\(answer.errors)")
        try await stack.stopAll()
    }
}

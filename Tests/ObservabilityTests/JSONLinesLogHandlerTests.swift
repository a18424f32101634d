import Logging
import Observability
import Synchronization
import Testing

@Suite struct JSONLinesLogHandlerTests {
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])

        func append(_ line: [UInt8]) { lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
        var all: [String] { lines.withLock { $0 } }
    }

    @Test func `an event is one line, whatever its message has in it`() throws {
        let lines = Lines()
        var logger = Logger(label: "a\"b") { JSONLinesLogHandler(label: $0, write: lines.append) }
        logger[metadataKey: "zone"] = "eu"
        logger.warning("two\nlines, a \\ and \u{1}", metadata: ["count": "\(3)", "list": ["x", ["k": "v"]]])
        let line = try #require(lines.all.first)
        #expect(lines.all.count == 1)
        #expect(line.hasPrefix(#"{"time":""#))
        let rest = #"Z","level":"warning","logger":"a\"b","message":"two\nlines, a \\ and \u0001""#
        #expect(line.hasSuffix(rest + #","count":"3","list":["x",{"k":"v"}],"zone":"eu"}"# + "\n"))
    }

    @Test func `what is below the level is not written`() {
        let lines = Lines()
        let logger = Logger(label: "a") { JSONLinesLogHandler(label: $0, level: .error, write: lines.append) }
        logger.info("quiet")
        #expect(lines.all.isEmpty)
    }
}

/// A TLS client's first message, as real ones are made and as they are not.
struct SampleHello: Sendable, CustomStringConvertible {
    var what = "a hello"
    var name: String?
    var extensions: [(type: Int, content: [UInt8])] = []
    var raw: [UInt8]?

    init(_ what: String = "a hello", name: String?, extensions: [(type: Int, content: [UInt8])] = []) {
        self.what = what
        self.name = name
        self.extensions = extensions
    }

    init(_ what: String, raw: [UInt8]) {
        self.what = what
        self.raw = raw
    }

    var description: String { what }

    var bytes: [UInt8] {
        if let raw { return raw }
        var all: [(type: Int, content: [UInt8])] = [(10, Self.vector([0, 0x1D]))]
        if let name { all.append((0, Self.nameList(name))) }
        return Self.record(Self.message(all + extensions))
    }

    static func nameList(_ name: String) -> [UInt8] { vector([0] + vector(Array(name.utf8))) }

    static func message(_ extensions: [(type: Int, content: [UInt8])]) -> [UInt8] {
        var body: [UInt8] = [3, 3] + [UInt8](repeating: 7, count: 32)
        body += [32] + [UInt8](repeating: 9, count: 32)
        body += vector([0x13, 0x01, 0x13, 0x02])
        body += [1, 0]
        body += vector(extensions.flatMap { two($0.type) + vector($0.content) })
        return [1, 0] + two(body.count) + body
    }

    static func record(_ content: [UInt8]) -> [UInt8] { [22, 3, 1] + vector(content) }
    static func vector(_ content: [UInt8]) -> [UInt8] { two(content.count) + content }
    private static func two(_ number: Int) -> [UInt8] { [UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)] }

    static let changeCipherSpec: [UInt8] = [20, 3, 3, 0, 1, 1]
    static let serverHello: [UInt8] =
        [22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3] + [UInt8](repeating: 5, count: 32) + [0, 0x13, 1, 0]
    static let helloRetryRequest: [UInt8] =
        [22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3]
        + [
            0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2, 0xA2,
            0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
        ] + [0, 0x13, 1, 0]

    /// None of them may open a tunnel to pypi.example.
    static let refused: [SampleHello] = [
        SampleHello("another host", name: "evil.example"),
        SampleHello("a host within another's domain", name: "pypi.example.evil.example"),
        SampleHello("no name", name: nil),
        SampleHello("an encrypted hello", name: "pypi.example", extensions: [(0xFE0D, [0])]),
        SampleHello("a draft of an encrypted hello", name: "pypi.example", extensions: [(0xFFCE, [0])]),
        SampleHello("a name twice", name: "pypi.example", extensions: [(0, nameList("evil.example"))]),
        SampleHello(
            "two names",
            raw: record(
                message([
                    (0, vector([0] + vector(Array("pypi.example".utf8)) + [0] + vector(Array("evil.example".utf8))))
                ]))),
        SampleHello("a name with a NUL", name: "pypi.example\u{0}.evil.example"),
        SampleHello("a name with a dot at its end", name: "pypi.example."),
        SampleHello("plain HTTP", raw: Array("GET / HTTP/1.1\r\nHost: pypi.example\r\n\r\n".utf8)),
        SampleHello("SSH", raw: Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)),
        SampleHello("SSLv2", raw: [0x80, 0x2E, 1, 3, 1] + [UInt8](repeating: 0, count: 41)),
        SampleHello("application data", raw: [23, 3, 3, 0, 5, 1, 2, 3, 4, 5]),
        SampleHello("a server's hello", raw: serverHello),
        SampleHello(
            "something behind the hello", raw: record(message([(0, nameList("pypi.example"))]) + [1, 0, 0, 0])),
        SampleHello("a hello that is too long", raw: [22, 3, 1, 0x40, 0, 1, 1, 0, 0]),
        SampleHello("a record of nothing", raw: [22, 3, 1, 0, 0]),
    ]
}

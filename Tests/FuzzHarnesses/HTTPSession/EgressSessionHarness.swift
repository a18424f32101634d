import Enforcement
import HTTPInspection
import Policy
import WireBytes

/// A whole session of a forward proxy, driven by the input: what the client and services say, what names stand for, and what happens besides.
///
/// However that goes: nothing is connected to but what policy allows, at addresses of the internet that the name stood for; a tunnel
/// begins with a hello for its host; what goes to a service is whole requests with its own Host, without the client's token and
/// without a value that may not go out; and records open first and close last, once.
enum EgressSessionHarness {
    static func run(_ input: [UInt8]) throws(Violation) {
        let rig = EgressRig(policy)
        try rig.drive(input) { input throws(Violation) in try step(&input, rig) }
    }

    private static func step(_ input: inout FuzzInput, _ rig: EgressRig) throws(Violation) {
        switch input.byte() % 12 {
        case 0, 1, 2: try rig.fromClient(input.choice(of: requests) ?? [], pieces: input.number(below: 64))
        case 3: try rig.fromClient(input.string())
        case 4: try rig.fromService(input.choice(of: answers) ?? [], pieces: input.number(below: 64))
        case 5: try rig.fromService(input.string(), pieces: 0)
        case 6: try rig.resolve(input.choice(of: addresses) ?? [])
        case 7: try rig.connect(reaches: input.flag())
        case 8: try rig.loseService()
        case 9: rig.refusesRecords = input.flag()
        case 10: try rig.feed(input.flag() ? .tick : .drain)
        default: if input.byte() == 0 { try rig.feed(.clientTLSFailed) }
        }
    }

    static let token = "token-of-the-agent"
    static let secret = "283-68-4467"

    private static let addresses: [[IPAddress]] = [
        [.v4(IPv4Address(93, 184, 215, 14))], [.v4(IPv4Address(10, 0, 0, 1))],
        [.v4(IPv4Address(93, 184, 215, 14)), .v6(IPv6Address(high: 0, low: 1))], [],
    ]

    private static let requests: [[UInt8]] =
        [
            "GET http://api.example/v1/a?x=1 HTTP/1.1\r\nHost: api.example\r\nAUTH\r\n",
            "POST http://api.example/v1/a HTTP/1.1\r\nHost: api.example\r\nAUTHContent-Length: 2\r\n\r\n{}",
            "POST http://api.example/v1/a HTTP/1.1\r\nHost: api.example\r\nAUTHContent-Length: 11\r\n\r\n\(secret)",
            "GET http://api.example/v2/a HTTP/1.1\r\nHost: api.example\r\nAUTH\r\n",
            "GET http://other.example/v1/a HTTP/1.1\r\nHost: other.example\r\nAUTH\r\n",
            "GET http://api.example/v1/a HTTP/1.1\r\nHost: api.example\r\nAUTHX-A: \(token)\r\n\r\n",
            "CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\nAUTH\r\n",
            "CONNECT pypi.example:443 HTTP/1.1\r\nHost: pypi.example:443\r\nAUTH\r\n",
            "CONNECT pypi.example:25 HTTP/1.1\r\nHost: pypi.example:25\r\nAUTH\r\n",
            "CONNECT 127.0.0.1:443 HTTP/1.1\r\nHost: 127.0.0.1:443\r\nAUTH\r\n",
            "GET /v1/a HTTP/1.1\r\nHost: api.example\r\n\r\n", "GET /v1/a HTTP/1.1\r\nHost: pypi.example\r\n\r\n",
            "DELETE /v1/a HTTP/1.1\r\nHost: api.example\r\n\r\n",
        ].map { Array($0.replacing("AUTH", with: "Proxy-Authorization: Bearer \(token)\r\n").utf8) }
        + [hello("pypi.example"), hello("evil.example"), [20, 3, 3, 0, 1, 1], [23, 3, 3, 0, 2, 1, 2]]

    private static let answers: [[UInt8]] =
        [
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 204 No Content\r\n\r\n",
        ]
        .map { Array($0.utf8) }
        + [
            [22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3] + [UInt8](repeating: 5, count: 36),
            [22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3]
                + [
                    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
                    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
                    0, 0x13, 1, 0,
                ],
        ]

    private static func hello(_ name: String) -> [UInt8] {
        func two(_ number: Int) -> [UInt8] { [UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)] }
        let text = Array(name.utf8)
        let list = [0] + two(text.count) + text
        let content = two(list.count) + list
        let all = [0, 0] + two(content.count) + content
        let body = [3, 3] + [UInt8](repeating: 1, count: 32) + [0, 0, 2, 0x13, 1, 1, 0] + two(all.count) + all
        let message = [1, 0] + two(body.count) + body
        return [22, 3, 1] + two(message.count) + message
    }

    private static let policy = FuzzPolicy.policy(
        """
        resources: { web: { protocol: egress, listen: "127.0.0.1:3128" } }
        classifications: { people: { detectors: [us-ssn] } }
        rules:
          - { name: api, allow: [select, call], on: [web], where: { hosts: [api.example], paths: ['/v1/**'] } }
          - { name: packages, allow: ['*'], on: [web], where: { hosts: [pypi.example] }, vouch: { features: [tunnel] } }
        """, resource: "web")
}

/// Performs what the session wants done, when the input says so, and looks at it.
private final class EgressRig: HTTPSessionRig {
    private var isResolving = false
    private var resolved: [IPAddress] = []
    private var waiting: HTTPRoute?
    private var route: HTTPRoute?
    private var tunnelBytes: [UInt8] = []
    private var service = HTTP1RequestDecoder()
    private var serviceInput = InputBuffer()

    init(_ policy: BundlePolicy) {
        super.init(
            policy, Resource(name: "web", protocolName: .egress, listen: "127.0.0.1:3128", upstream: ""),
            upstream: .name("egress"))
    }

    func fromService(_ bytes: [UInt8], pieces: Int) throws(Violation) {
        guard route != nil else { return }
        try fromUpstream(bytes, pieces: pieces)
    }

    func loseService() throws(Violation) {
        route = nil
        try feed(.upstreamClosed)
    }

    func resolve(_ addresses: [IPAddress]) throws(Violation) {
        guard isResolving else { return }
        isResolving = false
        resolved = addresses
        try feed(.resolved(addresses))
    }

    func connect(reaches: Bool) throws(Violation) {
        guard let next = waiting else { return }
        waiting = nil
        route = reaches ? next : nil
        (tunnelBytes, service, serviceInput) = ([], HTTP1RequestDecoder(), InputBuffer())
        try feed(reaches ? .upstreamReady : .upstreamFailed(reason: "away"))
    }

    /// What goes to a service.
    override func wrote(toClient: [UInt8], toUpstream bytes: [UInt8]) throws(Violation) {
        guard !bytes.isEmpty else { return }
        guard let route else { throw Violation("bytes go where nothing is connected") }
        let text = String(decoding: bytes, as: UTF8.self)
        if route.kind == .tunnel {
            tunnelBytes += bytes
            var name: HTTPHost?
            let begun = tunnelBytes
            do throws(TLSHelloError) {
                name = try TLSClientHello.read(begun.span)?.hello.serverName
            } catch {
                throw Violation("a tunnel does not begin with a hello")
            }
            try Violation.unless(name == route.destination.host, "a tunnel begins for another host")
            return
        }
        try Violation.unless(!text.contains(EgressSessionHarness.secret), "a value goes out")
        try Violation.unless(!text.contains(EgressSessionHarness.token), "the client's token goes out")
        serviceInput.append(bytes.span)
        while true {
            let part: HTTPRequestPart?
            do throws(HTTPError) { part = try service.next(in: &serviceInput) } catch {
                throw Violation("a service cannot read what it gets")
            }
            guard let part else { return }
            guard case .head(let head, _) = part else { continue }
            try Violation.unless(head.authority?.host == route.destination.host, "a request is for another host")
            try Violation.unless(head.target.form == .origin, "a service gets a proxy's request")
            guard route.destination.host == .name("api.example") else { continue }
            try Violation.unless(
                ["GET", "HEAD", "OPTIONS", "POST"].contains(head.method.description), "what is denied goes out")
            try Violation.unless(head.target.path().segments.first == "v1", "what is denied goes out")
        }
    }

    override func perform(_ action: HTTPAction) throws(Violation) {
        switch action {
        case .authenticate(let token):
            if token?.value == EgressSessionHarness.token {
                identify()
            } else {
                answer(.identityRefused(reason: "unknown"))
            }
        case .resolve(let host):
            try Violation.unless(
                host == .name("api.example") || host == .name("pypi.example"),
                "a name is asked for that no rule is about")
            (isResolving, waiting) = (true, nil)
        case .connect(let next):
            let place = next.destination
            try Violation.unless(
                place.host == .name("pypi.example") || next.kind != .tunnel && place.host == .name("api.example"),
                "a host that no rule is about")
            try Violation.unless(place.port == 80 || place.port == 443, "a port that no rule is about")
            try Violation.unless(next.kind != .tls || place.isEncrypted, "TLS where there is none")
            try Violation.unless(
                !next.addresses.isEmpty && next.addresses.allSatisfy { AddressScope(of: $0) == .global },
                "an address that is not the internet's")
            (waiting, isResolving) = (next, false)
        case .connectUpstream: throw Violation("a forward proxy has no upstream")
        case .awaitCredential, .credentialRefused: throw Violation("a forward proxy has no credential")
        case .closeUpstream: (route, waiting, isResolving) = (nil, nil, false)
        case .startClientTLS(let host):
            try Violation.unless(host == .name("api.example"), "a host is opened that no rule is about")
        case .askApproval, .withdrawApproval, .pauseClient, .resumeClient, .closeClient: break
        }
    }
}

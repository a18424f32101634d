import Testing

@testable import HTTPInspection

@Suite("Whom a request is for")
struct HTTPAuthorityTests {
    private func authority(_ text: String) throws -> HTTPAuthority { try HTTPAuthority(text.utf8) }

    @Test("A name is in lower case, without the dot at its end")
    func names() throws {
        #expect(try authority("API.Example.com:8443").description == "api.example.com:8443")
        #expect(try authority("db_1").host == .name("db_1"))
        let dotted = try authority("evil.example.")
        #expect(dotted.host == .name("evil.example"))
        #expect(dotted.isUnusual)
        #expect(try authority(String(repeating: "a", count: 63) + ".b").port == nil)
    }

    @Test(
        "Whatever resolvers take for an address is the address",
        arguments: [
            ("127.0.0.1", "127.0.0.1", false), ("2130706433", "127.0.0.1", true), ("0x7f000001", "127.0.0.1", true),
            ("0x7F.1", "127.0.0.1", true), ("127.1", "127.0.0.1", true), ("0177.0.0.1", "127.0.0.1", true),
            ("017700000001", "127.0.0.1", true), ("127.0.0.1.", "127.0.0.1", true), ("127.0.257", "127.0.1.1", true),
            ("0xa9fea9fe", "169.254.169.254", true), ("2852039166", "169.254.169.254", true),
            ("169.254.0xa9fe", "169.254.169.254", true), ("0", "0.0.0.0", true), ("0x", "0.0.0.0", true),
            ("255.255.255.255", "255.255.255.255", false), ("010.0.0.1", "8.0.0.1", true),
        ])
    func addresses(_ text: String, _ address: String, _ isUnusual: Bool) throws {
        let authority = try authority(text + ":80")
        #expect(authority.host.address?.description == address)
        #expect(authority.isUnusual == isUnusual)
        #expect(authority.description == address + ":80")
    }

    @Test("An address of IPv6 stands in brackets")
    func bracketed() throws {
        #expect(try authority("[::1]").host == .ipv6(IPv6Address(high: 0, low: 1)))
        #expect(try authority("[2001:DB8::1]:443").description == "[2001:db8::1]:443")
        #expect(try authority("[::ffff:127.0.0.1]").host.address.map(AddressScope.init(of:)) == .loopback)
    }

    @Test(
        "What no host is is refused",
        arguments: [
            "", "a..b", ".a", ".", "a.b..", "256.1.1.1", "1.2.3.4.5", "08.1.1.1", "4294967296", "127.0.0.0x1g.1",
            "1.2.3.256", "1..2",
            "a.1", "a\0.b", "a%2eb", "a%00", "a b", "a/b", "a?b", "a#b", "a\\b", "u@a", "u:p@a", "bücher.example",
            "a\u{3002}b", "ａ", "①.1",
            "[::1", "::1", "[::1]x", "[::1]:", "[]", "[1::2::3]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[v1.a]",
            "[127.0.0.1]",
            "[:1]", "[1:2:3:4:5:6:7:8:9]", "[1:2:3:4:5:6:7:8::]", "[1:2:3:4:5:6:7:]", "[12345::]", "[::1.2.3]",
            "[::1.2.3.04]", "[1:2:3:4:5:6:7:1.2.3.4]",
            "a:", "a:0", "a:00080", "a:080", "a:65536", "a:-1", "a:+1", "a:1:2", "a:99999", "a:8o", "a!b", "a,b", "a;b",
            "a'b", "*", "*.a",
        ])
    func refused(_ text: String) {
        let error = #expect(throws: HTTPError.self) { try self.authority(text) }
        #expect(error?.code == .malformedHost)
    }

    @Test("Labels and names have their greatest lengths")
    func lengths() throws {
        #expect(throws: HTTPError.self) { try self.authority(String(repeating: "a", count: 64)) }
        let labels = Array(repeating: String(repeating: "a", count: 62), count: 4).joined(separator: ".")
        #expect(try authority(labels + "a").host == .name(labels + "a"))  // 252
        #expect(throws: HTTPError.self) { try self.authority(labels + "a.bc") }
    }

    @Test("A port that is not said is the scheme's")
    func defaultPorts() throws {
        #expect(try authority("a").reachesTheSame(as: authority("A:80"), defaultPort: 80))
        #expect(try !authority("a").reachesTheSame(as: authority("a:80"), defaultPort: 443))
        #expect(try authority("127.1").reachesTheSame(as: authority("127.0.0.1"), defaultPort: 80))
    }
}

@Suite("What an address reaches")
struct AddressScopeTests {
    @Test(
        "Every block has its scope, up to its edges",
        arguments: [
            ("0.0.0.0", .unspecified), ("0.0.0.1", .reserved), ("1.1.1.1", .global), ("9.255.255.255", .global),
            ("10.0.0.0", .privateUse),
            ("10.255.255.255", .privateUse), ("11.0.0.0", .global), ("100.63.255.255", .global),
            ("100.64.0.0", .carrierNAT),
            ("100.127.255.255", .carrierNAT), ("100.128.0.0", .global), ("100.100.100.200", .metadata),
            ("127.0.0.1", .loopback),
            ("127.255.255.254", .loopback), ("128.0.0.1", .global), ("169.254.0.1", .linkLocal),
            ("169.254.169.254", .metadata),
            ("169.254.170.2", .metadata), ("172.15.255.255", .global), ("172.16.0.0", .privateUse),
            ("172.31.255.255", .privateUse),
            ("172.32.0.0", .global), ("192.0.0.1", .reserved), ("192.0.2.1", .documentation),
            ("192.168.1.1", .privateUse),
            ("192.169.0.0", .global), ("198.17.255.255", .global), ("198.18.0.0", .benchmarking),
            ("198.19.255.255", .benchmarking),
            ("198.51.100.7", .documentation), ("203.0.113.7", .documentation), ("223.255.255.255", .global),
            ("224.0.0.1", .multicast),
            ("239.255.255.255", .multicast), ("240.0.0.1", .reserved), ("255.255.255.255", .reserved),
            ("168.63.129.16", .metadata),
            ("::", .unspecified), ("::1", .loopback), ("::2", .reserved), ("::ffff:10.0.0.1", .privateUse),
            ("::ffff:8.8.8.8", .global),
            ("::ffff:a9fe:a9fe", .metadata), ("::127.0.0.1", .loopback), ("::ffff:0:127.0.0.1", .loopback),
            ("64:ff9b::7f00:1", .loopback),
            ("64:ff9b::8.8.8.8", .global), ("64:ff9b:1::10.0.0.1", .privateUse), ("2002:7f00:1::", .loopback),
            ("2002:0808:0808::1", .global),
            ("2001::1", .reserved), ("2001:2::1", .benchmarking), ("2001:db8::1", .documentation),
            ("3fff::1", .documentation),
            ("2606:4700:4700::1111", .global), ("fc00::1", .uniqueLocal), ("fd12:3456::1", .uniqueLocal),
            ("fd00:ec2::254", .metadata),
            ("fd20:ce::254", .metadata), ("fe80::1", .linkLocal), ("febf::1", .linkLocal), ("fec0::1", .privateUse),
            ("ff02::1", .multicast),
            ("100::1", .reserved), ("4000::1", .reserved), ("1::1", .reserved),
        ] as [(String, AddressScope)])
    func scopes(_ text: String, _ scope: AddressScope) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressScope(of: address) == scope)
    }

    @Test("An address is written as RFC 5952 has it, and read again")
    func written() throws {
        for (text, written) in [
            ("0:0:0:0:0:0:0:0", "::"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
            ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
            ("0:0:0:1::", "0:0:0:1::"), ("1::", "1::"), ("::ffff:1.2.3.4", "::ffff:102:304"),
            ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ] {
            let address = try #require(IPAddress(text))
            #expect(address.description == written)
            #expect(IPAddress(address.description) == address)
        }
        for text in [
            "", "1", "1.2.3", "01.2.3.4", "1.2.3.4.", "1.2.3.4:80", "::1%eth0", "[::1]", ":::", "1:::2", "g::", " ::1",
        ] {
            #expect(IPAddress(text) == nil, "\(text)")
        }
    }
}

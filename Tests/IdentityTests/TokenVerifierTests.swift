import Foundation
import Identity
import JWTKit
import TestKit
import Testing

/// A verifier whose issuer's keys come from memory.
struct Fixture {
    let issuer: TestIssuer
    let fetcher = InjectedFetcher()
    let clock = TestClock(1_800_000_000)
    let verifier: TokenVerifier

    init(groupsClaim: String = "groups", discovery: Bool = false) {
        let clock = clock
        issuer = TestIssuer(now: { clock.now })
        verifier = TokenVerifier(
            issuers: [
                IssuerConfiguration(
                    url: issuer.url, audience: issuer.audience, groupsClaim: groupsClaim,
                    jwksFile: discovery ? nil : "keys.json", clockSkewSeconds: 10)
            ],
            fetcher: fetcher, now: { clock.now })
        fetcher.serve(issuer.jwks, at: .file("keys.json"))
        fetcher.serve(
            #"{"issuer":"\#(issuer.url)","jwks_uri":"https://login.stile.test/keys"}"#,
            at: .url("https://login.stile.test/.well-known/openid-configuration", caFile: nil))
        fetcher.serve(issuer.jwks, at: .url("https://login.stile.test/keys", caFile: nil))
    }

    func refusal(of token: String) async -> TokenError.Code? {
        do {
            _ = try await verifier.verify(token)
            return nil
        } catch {
            return error.code
        }
    }
}

@Suite("A token")
struct TokenVerifierTests {
    @Test("tells its subject, groups and the actors behind it") func accepted() async throws {
        let fixture = Fixture()
        let token = try await fixture.issuer.token(
            subject: "mallory", groups: ["support"], actors: ["assistant-7", "gateway"])
        let verified = try await fixture.verifier.verify(token)
        #expect(verified.subject == "mallory")
        #expect(verified.groups == ["support"])
        #expect(verified.actors == ["assistant-7", "gateway"])
        #expect(verified.expiresAt > fixture.clock.now)
        #expect(!verified.tokenID.isEmpty)
    }

    @Test("is good until its expiry and the clock skew have passed") func expiry() async throws {
        let fixture = Fixture()
        let token = try await fixture.issuer.token(subject: "a", lifetime: 60)
        fixture.clock.advance(69)
        #expect(await fixture.refusal(of: token) == nil)
        fixture.clock.advance(2)
        #expect(await fixture.refusal(of: token) == .expired)
    }

    @Test("that begins in the future is refused") func notYet() async throws {
        let fixture = Fixture()
        let future = fixture.clock.now + 60
        let token = try await fixture.issuer.token(subject: "a", extra: ["nbf": .number(future)])
        #expect(await fixture.refusal(of: token) == .notYetValid)
    }

    @Test("for another audience is refused") func audience() async throws {
        let fixture = Fixture()
        #expect(
            await fixture.refusal(of: try fixture.issuer.token(subject: "a", audience: "payroll")) == .wrongAudience)
    }

    @Test("of an issuer that nobody named is refused before any key is fetched") func unknownIssuer() async throws {
        let fixture = Fixture()
        let stranger = TestIssuer(url: "https://evil.test", now: { fixture.clock.now })
        #expect(await fixture.refusal(of: try stranger.token(subject: "a")) == .unknownIssuer)
        #expect(fixture.fetcher.requests == 0)
    }

    @Test("signed with another key under the same kid is refused") func forged() async throws {
        let fixture = Fixture()
        let forger = TestIssuer(now: { fixture.clock.now })
        #expect(await fixture.refusal(of: try forger.token(subject: "a")) == .badSignature)
    }

    @Test(
        "without signature, or with an HMAC over the public key, is refused", arguments: ["none", "HS256", "hs256", ""])
    func weakAlgorithms(algorithm: String) async throws {
        let fixture = Fixture()
        let good = try await fixture.issuer.token(subject: "a")
        let payload = good.split(separator: ".")[1]
        let header = Data(#"{"alg":"\#(algorithm)","kid":"k1"}"#.utf8).base64EncodedString()
            .replacingOccurrences(of: "=", with: "")
        #expect(await fixture.refusal(of: "\(header).\(payload).") == .algorithmRefused)
    }

    @Test("with one byte changed anywhere is refused") func flipped() async throws {
        let fixture = Fixture()
        let token = Array(try await fixture.issuer.token(subject: "a").utf8)
        for index in stride(from: 0, to: token.count, by: 7) where token[index] != UInt8(ascii: ".") {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            // The last character of a part may carry bits that decode to nothing.
            let isSlack = index + 1 == token.count || token[index + 1] == UInt8(ascii: ".")
            let refusal = await fixture.refusal(of: String(decoding: changed, as: UTF8.self))
            #expect(refusal != nil || isSlack)
        }
    }

    @Test("with critical header extensions is refused") func critical() async throws {
        let fixture = Fixture()
        let good = try await fixture.issuer.token(subject: "a").split(separator: ".")
        let header = Data(#"{"alg":"ES256","kid":"k1","crit":["b64"],"b64":false}"#.utf8).base64EncodedString()
        #expect(await fixture.refusal(of: "\(header).\(good[1]).\(good[2])") == .malformed)
    }

    @Test(
        "that is no token is refused, whatever it is",
        arguments: ["", ".", "..", "a.b", "a.b.c.d", "\u{0}", "e30.e30.", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA", "SELECT 1"])
    func garbage(text: String) async {
        #expect(await Fixture().refusal(of: text) != nil)
    }

    @Test("longer than the limit is refused unread") func tooLong() async {
        let fixture = Fixture()
        #expect(await fixture.refusal(of: String(repeating: "a", count: 20_000)) == .malformed)
    }

    @Test("has its groups wherever the operator says that they are") func nestedGroups() async throws {
        let fixture = Fixture(groupsClaim: "realm_access.roles")
        let token = try await fixture.issuer.token(
            subject: "a", extra: ["realm_access": .object(["roles": .list(["support", "eu"])])])
        #expect(try await fixture.verifier.verify(token).groups == ["support", "eu"])
    }

    @Test("never appears in the error that refuses it") func noLeak() async throws {
        let fixture = Fixture()
        let token = try await fixture.issuer.token(subject: "secret-subject", lifetime: -600)
        await #expect { try await fixture.verifier.verify(token) } throws: { error in
            let text = "\(error)"
            return !text.contains("secret-subject") && !token.split(separator: ".").contains { text.contains($0) }
        }
    }
}

@Suite("An issuer's keys")
struct IssuerKeysTests {
    @Test("are discovered once and serve many tokens") func cached() async throws {
        let fixture = Fixture(discovery: true)
        for _ in 0..<5 { _ = try await fixture.verifier.verify(fixture.issuer.token(subject: "a")) }
        #expect(fixture.fetcher.requests == 2)
    }

    @Test("are fetched again when a token names a new one, but not by every token") func rotation() async throws {
        let fixture = Fixture(discovery: true)
        _ = try await fixture.verifier.verify(fixture.issuer.token(subject: "a"))
        let next = TestIssuer(keyID: "k2", now: { fixture.clock.now })
        let token = try await next.token(subject: "a")
        #expect(await fixture.refusal(of: token) == .unknownKey)
        fixture.fetcher.serve(next.jwks, at: .url("https://login.stile.test/keys", caFile: nil))
        let before = fixture.fetcher.requests
        for _ in 0..<5 { #expect(await fixture.refusal(of: token) == .unknownKey) }
        #expect(fixture.fetcher.requests == before)
        fixture.clock.advance(11)
        #expect(await fixture.refusal(of: token) == nil)
    }

    @Test("outlive a provider that is down for a while, and not for ever") func outage() async throws {
        let fixture = Fixture(discovery: true)
        let token = try await fixture.issuer.token(subject: "a", lifetime: 86_400)
        _ = try await fixture.verifier.verify(token)
        fixture.fetcher.serve(nil, at: .url("https://login.stile.test/keys", caFile: nil))
        fixture.clock.advance(1_200)
        #expect(await fixture.refusal(of: token) == nil)
        fixture.clock.advance(3_600)
        #expect(await fixture.refusal(of: token) == .keysUnavailable)
    }

    @Test("are refused when the provider speaks for another issuer") func otherIssuer() async throws {
        let fixture = Fixture(discovery: true)
        fixture.fetcher.serve(
            #"{"issuer":"https://other.test","jwks_uri":"https://login.stile.test/keys"}"#,
            at: .url("https://login.stile.test/.well-known/openid-configuration", caFile: nil))
        #expect(await fixture.refusal(of: try fixture.issuer.token(subject: "a")) == .keysUnavailable)
    }

    @Test("are not read over plain HTTP from another machine") func plainHTTP() async throws {
        let fixture = Fixture(discovery: true)
        fixture.fetcher.serve(
            #"{"issuer":"https://login.stile.test","jwks_uri":"http://127.0.0.1.evil.test/keys"}"#,
            at: .url("https://login.stile.test/.well-known/openid-configuration", caFile: nil))
        fixture.fetcher.serve(fixture.issuer.jwks, at: .url("http://127.0.0.1.evil.test/keys", caFile: nil))
        #expect(await fixture.refusal(of: try fixture.issuer.token(subject: "a")) == .keysUnavailable)
    }

    @Test("of kinds that are unknown or too weak are passed over") func mixedKeys() async throws {
        let fixture = Fixture()
        let good = fixture.issuer.jwks.dropFirst(#"{"keys":["#.count).dropLast(2)
        fixture.fetcher.serve(
            #"{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"k1"},{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"k1"},{"kty":"X"},3,\#(good)]}"#,
            at: .file("keys.json"))
        #expect(await fixture.refusal(of: try fixture.issuer.token(subject: "a")) == nil)
    }
}

@Suite("A fetched document")
struct FetchedDocumentTests {
    @Test(
        "is good for as long as Cache-Control says",
        arguments: [
            (["max-age=300"], 300), (["public, MAX-AGE=60, must-revalidate"], 60), (["no-store", "max-age=5"], 5),
            ([], nil),
            (["max-age=soon"], nil), (["s-maxage=10"], nil),
        ] as [([String], Int64?)])
    func maxAge(fields: [String], seconds: Int64?) {
        #expect(FetchedDocument(body: [], cacheControl: fields).maxAge == seconds)
    }
}

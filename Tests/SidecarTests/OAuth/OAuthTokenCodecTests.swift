import Foundation
import Policy
import Testing

@testable import Sidecar

@Suite("What is said to a token endpoint, and by it") struct OAuthTokenCodecTests {
    private static let client = OAuthClient(
        tokenURL: "https://id.example/token", clientIDFile: "/i", clientSecretFile: "/s",
        scopes: ["a:b", "https://x/.default"], audience: "https://api/ö")

    @Test func `the request has the client in its head and the grant in its body, each encoded as a form's values are`()
        throws
    {
        let request = OAuthTokenRequest(Self.client, id: "agent one", secret: "a:b%ß+*")
        let encoded = try #require(request.authorization.split(separator: " ").last)
        #expect(request.authorization.hasPrefix("Basic "))
        #expect(
            String(decoding: try #require(Data(base64Encoded: String(encoded))), as: UTF8.self)
                == "agent+one:a%3Ab%25%C3%9F%2B*")
        #expect(
            request.body
                == "grant_type=client_credentials&scope=a%3Ab+https%3A%2F%2Fx%2F.default&audience=https%3A%2F%2Fapi%2F%C3%B6"
        )
        let plain = OAuthTokenRequest(
            OAuthClient(tokenURL: "https://id.example/token", clientIDFile: "/i", clientSecretFile: "/s"), id: "i",
            secret: "hunter22")
        #expect(plain.body == "grant_type=client_credentials")
        #expect(!"\(plain)".contains("hunter22"))
    }

    private func answer(_ body: String, status: Int = 200) throws(OAuthFault) -> OAuthTokenAnswer {
        try OAuthTokenAnswer(status: status, body: Array(body.utf8))
    }

    @Test(arguments: [
        ("3600", UInt64?(3_600)), ("\"3600\"", 3_600), ("59.5", 59), ("1e300", 1_000_000_000), ("null", nil),
    ])
    func `a token is taken with the time that it is good for`(lifetime: String, seconds: UInt64?) throws {
        for type in ["Bearer", "bearer", "BEARER"] {
            let answer = try answer(
                #"{"token_type":"\#(type)","access_token":"ab.c-_~+/=","scope":"x","expires_in":\#(lifetime)}"#)
            #expect(answer.token == "ab.c-_~+/=")
            #expect(answer.lifetime == seconds)
        }
        #expect(try answer(#"{"token_type":"Bearer","access_token":"a"}"#).lifetime == nil)
    }

    @Test(arguments: [
        (#"{"token_type":"mac","access_token":"secret-1"}"#, 200, "another type"),
        (#"{"token_type":"Bearer","access_token":""}"#, 200, "no header field"),
        (#"{"token_type":"Bearer","access_token":"secret-1\r\nX: y"}"#, 200, "no header field"),
        (#"{"token_type":"Bearer","access_token":"secret-1 y"}"#, 200, "no header field"),
        (#"{"token_type":"Bearer","access_token":"secret-1ä"}"#, 200, "no header field"),
        (
            #"{"token_type":"Bearer","access_token":"\#(String(repeating: "s", count: 16_385))"}"#, 200,
            "no header field"
        ),
        (#"{"token_type":"Bearer","access_token":"secret-1","expires_in":0}"#, 200, "expired"),
        (#"{"token_type":"Bearer","access_token":"secret-1","expires_in":-5}"#, 200, "expired"),
        (#"{"token_type":"Bearer","access_token":"secret-1","expires_in":"soon"}"#, 200, "expired"),
        (#"{"token_type":"Bearer","access_token":"secret-1","expires_in":[]}"#, 200, "no token"),
        (#"{"access_token":"secret-1"}"#, 200, "no token"),
        ("access_token=secret-1&token_type=bearer", 200, "no token"),
        ("", 200, "no token"),
        (#"{"token_type":"Bearer","access_token":"secret-1"}"#, 201, "answered 201"),
        (#"{"token_type":"Bearer","access_token":"secret-1"}"#, 302, "redirects are not followed"),
        (#"{"error":"invalid_client","error_description":"secret-1"}"#, 401, "answered 401 (invalid_client)"),
        (#"{"error":"secret-1"}"#, 400, "answered 400"),
        ("<html>secret-1</html>", 500, "answered 500"),
    ])
    func `anything else is none, and what is said of it repeats nothing`(body: String, status: Int, reason: String) {
        let fault = #expect(throws: OAuthFault.self) { try answer(body, status: status) }
        #expect(fault?.description.contains(reason) == true, "\(fault?.description ?? "")")
        #expect(fault?.description.contains("secret-1") == false)
    }
}

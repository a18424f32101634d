import FoundationEssentials
import Policy

/// A request for a token by the client credentials grant (RFC 6749 §4.4.2), with the client's secret in it. It describes itself without.
struct OAuthTokenRequest: Sendable, CustomStringConvertible {
    let url: String
    let caFile: String?
    /// What `Authorization` says: `client_secret_basic` (RFC 6749 §2.3.1).
    let authorization: String
    /// `application/x-www-form-urlencoded`.
    let body: String

    var description: String { "<request for a token>" }

    init(_ client: OAuthClient, id: String, secret: String) {
        url = client.tokenURL
        caFile = client.caFile
        let pair = "\(Self.encoded(id)):\(Self.encoded(secret))"
        authorization = "Basic \(Data(pair.utf8).base64EncodedString())"
        var body = "grant_type=client_credentials"
        if !client.scopes.isEmpty { body += "&scope=\(Self.encoded(client.scopes.joined(separator: " ")))" }
        if let audience = client.audience { body += "&audience=\(Self.encoded(audience))" }
        self.body = body
    }

    /// As HTML forms encode a value (URL Standard §5.2).
    private static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "*"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: " "): encoded += "+"
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += "%" + (digits.utf8.count < 2 ? "0" : "") + digits
            }
        }
        return encoded
    }
}

import Crypto
import FoundationEssentials
import HTTPInspection

/// The request by which a connection becomes a WebSocket, and the answer that says that it has (RFC 6455 §4).
enum WebSocketHandshake {
    /// Whether a request asks for nothing but that.
    static func isAsked(by head: HTTPRequestHead) -> Bool {
        let protocols = head.fields.all(named: "upgrade")
        return head.connection.contains(.upgrade) && protocols.count == 1
            && protocols.first?.isSpelled("websocket") == true
    }

    /// Why a request that asks for it is none; `nil` for one that is.
    static func fault(of head: HTTPRequestHead, _ framing: HTTPBodyFraming) -> String? {
        guard head.method == .get, head.version == .http11, framing == .none else {
            return "A WebSocket begins with a GET of HTTP/1.1 without a body."
        }
        guard head.fields.all(named: "sec-websocket-version").map(Array.init) == [Array("13".utf8)] else {
            return "The version of WebSocket is 13."
        }
        let keys = head.fields.all(named: "sec-websocket-key")
        guard keys.count == 1, let key = keys.first,
            Data(base64Encoded: String(decoding: key, as: UTF8.self))?.count == 16
        else { return "A WebSocket begins with one Sec-WebSocket-Key, 16 bytes as base64." }
        return nil
    }

    /// Whether a server's 101 is the answer to a request: the key's digest, this protocol, and no extension, none of which was offered.
    static func isAnswered(by answer: HTTPResponseHead, to head: HTTPRequestHead) -> Bool {
        guard answer.connection.contains(.upgrade), let key = head.fields.first(named: "sec-websocket-key"),
            answer.fields.all(named: "upgrade").count == 1,
            answer.fields.first(named: "upgrade")?.isSpelled("websocket") == true,
            !answer.fields.contains("sec-websocket-extensions")
        else { return false }
        let digest = Insecure.SHA1.hash(data: Array(key) + Array("258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
        let expected = Data(digest).base64EncodedString()
        return answer.fields.all(named: "sec-websocket-accept").map(Array.init) == [Array(expected.utf8)]
    }
}

/// A WebSocket that an exchange became.
struct WebSocketLink {
    var fromClient = WebSocketDecoder(isMasked: true)
    var fromServer = WebSocketDecoder(isMasked: false)
    var clientHasClosed = false
    var serverHasClosed = false
}

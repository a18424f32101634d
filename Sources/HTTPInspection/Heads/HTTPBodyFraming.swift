/// How a message's body is delimited (RFC 9112 §6).
public enum HTTPBodyFraming: Hashable, Sendable {
    case none
    case length(UInt64)
    case chunked
    /// The body of a response that ends with its connection.
    case untilClose

    /// - Throws: wherever two recipients could read another length, and for any transfer coding but `chunked`.
    init(_ head: HTTPRequestHead) throws(HTTPError) {
        self = try HTTPBodyFraming.said(by: head.fields, version: head.version) ?? .none
        switch head.method {
        case .connect:
            // What follows is the tunnel's.
            guard self == .none || self == .length(0) else {
                throw HTTPError(.ambiguousFraming, "CONNECT with a body")
            }
            self = .none
        case .trace:
            guard self == .none || self == .length(0) else { throw HTTPError(.ambiguousFraming, "TRACE with a body") }
        default: break
        }
    }

    /// - Parameter kind: Of the request that is answered.
    init(_ head: HTTPResponseHead, answering kind: HTTPRequestKind) throws(HTTPError) {
        let said = try HTTPBodyFraming.said(by: head.fields, version: head.version)
        if head.status == 304 || kind == .head, head.status >= 200 {
            // They say what there would be.
            self = .none
        } else if head.hasNoContent || kind == .connect && (200..<300).contains(head.status) {
            guard said == nil || said == .length(0) else {
                throw HTTPError(.ambiguousFraming, "a body with a response of \(head.status), which has none")
            }
            self = .none
        } else {
            self = said ?? .untilClose
        }
    }

    /// - Returns: nil where nothing is said.
    private static func said(by fields: HTTPFields, version: HTTPVersion) throws(HTTPError) -> HTTPBodyFraming? {
        let length = fields.index(of: "content-length")
        if let coding = fields.index(of: "transfer-encoding") {
            guard version == .http11 else {
                throw HTTPError(.ambiguousFraming, "a transfer coding in HTTP/1.0")
            }
            guard length == nil else { throw HTTPError(.ambiguousFraming, "a length beside a transfer coding") }
            guard fields.index(of: "transfer-encoding", from: coding + 1) == nil else {
                throw HTTPError(.ambiguousFraming, "several Transfer-Encodings")
            }
            guard fields.value(at: coding, isWithoutCase: "chunked") else {
                throw HTTPError(
                    .unsupportedTransferCoding, status: 501, "a transfer coding other than chunked, or several")
            }
            return .chunked
        }
        guard let length else { return nil }
        guard fields.index(of: "content-length", from: length + 1) == nil else {
            throw HTTPError(.ambiguousFraming, "several Content-Lengths")
        }
        return .length(try decimal(fields.store.span.extracting(fields.entries[length].value)))
    }

    /// Digits and nothing else; at most what a signed number of 64 bits holds, which is what others count with.
    private static func decimal(_ text: Span<UInt8>) throws(HTTPError) -> UInt64 {
        guard (1...19).contains(text.count) else {
            throw HTTPError(.ambiguousFraming, "a Content-Length of \(text.count) digits")
        }
        var value: UInt64 = 0
        for index in text.indices {
            guard Octet.isDigit(text[index]) else {
                throw HTTPError(.ambiguousFraming, "a Content-Length that is no number")
            }
            value = value * 10 + UInt64(text[index] - UInt8(ascii: "0"))
        }
        guard value <= UInt64(Int64.max) else {
            throw HTTPError(.ambiguousFraming, "a Content-Length of more than 63 bits")
        }
        return value
    }
}

/// A field as HTTP/2 carries it: its name is in lower case, and the pseudo-fields of the head begin with a colon.
public struct HTTP2Field: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// How a connection of HTTP/2 begins (RFC 9113 §3.4), which no request of HTTP/1 does.
public enum HTTP2Preface {
    public enum Reading: Sendable {
        case itself, anotherProtocol
        /// More must come.
        case undecided
    }

    private static let text = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// - Parameter beginning: What a connection began with.
    public static func read(_ beginning: [UInt8]) -> Reading {
        guard zip(beginning, text).allSatisfy(==) else { return .anotherProtocol }
        return beginning.count < text.count ? .undecided : .itself
    }
}

/// The rules of RFC 9113 §8 on a section of fields, and of nothing that it leaves open.
enum HTTP2FieldRules {
    /// - Returns: the pseudo-fields by name, and the others in the order in which they came.
    /// - Throws: for a pseudo-field that is not `allowed`, comes twice, or behind another field; for a name with capital letters, and for
    ///   what belongs to a connection.
    static func split(
        _ section: [HTTP2Field], allowed: Set<String>
    ) throws(HTTPError) -> (pseudo: [String: String], fields: HTTPFields) {
        var pseudo: [String: String] = [:]
        var fields = HTTPFields()
        var cookies: [String] = []
        var isBehind = false
        var bytes = 0
        guard section.count <= HTTPLimits.fields else {
            throw HTTPError(.oversizedHead, status: 431, "more than \(HTTPLimits.fields) fields")
        }
        for field in section {
            bytes += field.name.utf8.count + field.value.utf8.count + 32
            guard bytes <= HTTPLimits.head else {
                throw HTTPError(.oversizedHead, status: 431, "a head of more than \(HTTPLimits.head) bytes")
            }
            if field.name.utf8.first == UInt8(ascii: ":") {
                guard !isBehind, allowed.contains(field.name), pseudo[field.name] == nil else {
                    throw HTTPError(
                        .malformedStartLine, "a pseudo-field that is not known, comes twice, or behind the fields")
                }
                pseudo[field.name] = field.value
                continue
            }
            isBehind = true
            guard !field.name.utf8.contains(where: { 0x41...0x5A ~= $0 }) else {
                throw HTTPError(.malformedField, "a field name with capital letters")
            }
            switch field.name {
            case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings":
                throw HTTPError(.malformedField, "a field of a connection (\(field.name)) in HTTP/2")
            case "te" where field.value != "trailers":
                throw HTTPError(.malformedField, "TE with something other than trailers")
            case "cookie":
                // They come in pieces, so that they compress better (§8.2.3).
                cookies.append(field.value)
            default: try fields.append(field.name, field.value)
            }
        }
        if !cookies.isEmpty { try fields.append("cookie", cookies.joined(separator: "; ")) }
        return (pseudo, fields)
    }

    /// Fields as HTTP/2 writes them: without what belongs to the connection.
    static func section(_ fields: HTTPFields, without removed: Set<String> = []) -> [HTTP2Field] {
        var section: [HTTP2Field] = []
        fields.forEach { name, value in
            let name = String(decoding: name, as: UTF8.self).lowercased()
            switch name {
            case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings":
                return
            case "te" where !value.spellsWithoutCase("trailers"): return
            default: break
            }
            guard !removed.contains(name) else { return }
            section.append(HTTP2Field(name, String(decoding: value, as: UTF8.self)))
        }
        return section
    }

    /// The length that a section states; the framing is HTTP/2's own.
    static func length(_ fields: HTTPFields) throws(HTTPError) -> UInt64? {
        guard let text = fields.first(named: "content-length") else { return nil }
        guard fields.count(of: "content-length") == 1, (1...18).contains(text.count),
            text.allSatisfy({ 0x30...0x39 ~= $0 })
        else { throw HTTPError(.ambiguousFraming, "a Content-Length that is no number, or several") }
        return text.reduce(0) { $0 * 10 + UInt64($1 - 0x30) }
    }
}

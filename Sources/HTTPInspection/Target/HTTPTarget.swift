/// What a request asks for, as it came, and where its parts are (RFC 9112 §3.2).
public struct HTTPTarget: Hashable, Sendable, CustomStringConvertible {
    public enum Form: Hashable, Sendable {
        /// A path and a query.
        case origin
        /// A whole URI: a request to a proxy.
        case absolute
        /// A host and a port: CONNECT's.
        case authority
        /// `*`: OPTIONS of the server itself.
        case asterisk
    }

    public enum Scheme: Hashable, Sendable {
        case http, https

        public var defaultPort: UInt16 { self == .http ? 80 : 443 }
    }

    /// As it came.
    public let bytes: [UInt8]
    public let form: Form
    /// Of an absolute target.
    public let scheme: Scheme?
    /// Of an absolute target and of CONNECT's.
    public let authority: HTTPAuthority?
    /// Where the path is in ``bytes``. It begins with a slash, or is empty: that of an absolute target that has none.
    public let pathRange: Range<Int>
    /// Where the query is, without its question mark; nil without one.
    public let queryRange: Range<Int>?

    /// - Throws: for a target in none of the four forms or in one that the method does not take, for white space, control
    ///   characters and fragments, and with 414 for one that is longer than ``HTTPLimits/target``.
    public init(_ bytes: some Collection<UInt8>, for method: HTTPMethod) throws(HTTPError) {
        try self.init(parsing: Array(bytes), for: method)
    }

    init(parsing bytes: [UInt8], for method: HTTPMethod) throws(HTTPError) {
        self.bytes = bytes
        let text = bytes.span
        guard text.count <= HTTPLimits.target else {
            throw HTTPError(
                .oversizedTarget, status: 414, "a target of \(text.count) bytes; the most is \(HTTPLimits.target)")
        }
        guard !text.isEmpty else { throw HTTPError(.malformedTarget, "an empty target") }
        var queryMark: Int?
        for index in text.indices {
            let byte = text[index]
            if byte > UInt8(ascii: "?") && byte != 0x7F { continue }
            if byte == UInt8(ascii: "?") {
                if queryMark == nil { queryMark = index }
            } else if byte <= Octet.space || byte == 0x7F {
                throw HTTPError(.malformedTarget, "a target with white space or control characters")
            } else if byte == UInt8(ascii: "#") {
                throw HTTPError(.malformedTarget, "a target with a fragment")
            }
        }
        if case .connect = method {
            form = .authority
            scheme = nil
            let authority = try HTTPAuthority(parsing: text)
            guard authority.port != nil else { throw HTTPError(.malformedTarget, "CONNECT to a host without a port") }
            self.authority = authority
            (pathRange, queryRange) = (text.count..<text.count, nil)
            return
        }
        let end = queryMark ?? text.count
        queryRange = queryMark.map { ($0 + 1)..<text.count }
        if text[0] == UInt8(ascii: "/") {
            (form, scheme, authority) = (.origin, nil, nil)
            pathRange = 0..<end
        } else if text.count == 1, text[0] == UInt8(ascii: "*") {
            guard case .options = method else {
                throw HTTPError(.malformedTarget, "an asterisk as the target of another method than OPTIONS")
            }
            (form, scheme, authority) = (.asterisk, nil, nil)
            pathRange = 1..<1
        } else {
            form = .absolute
            let start: Int
            if text.count > 7, text.extracting(0..<7).spellsWithoutCase("http://") {
                (scheme, start) = (.http, 7)
            } else if text.count > 8, text.extracting(0..<8).spellsWithoutCase("https://") {
                (scheme, start) = (.https, 8)
            } else {
                throw HTTPError(.malformedTarget, "a target that is no path and no http or https URI")
            }
            let slash = min(text.firstIndex(of: UInt8(ascii: "/"), from: start) ?? end, end)
            authority = try HTTPAuthority(parsing: text.extracting(start..<slash))
            pathRange = slash..<end
        }
    }

    /// The path's bytes and the query's, as they are sent to a server: `/` where there is no path, `*` for an asterisk and for
    /// OPTIONS of an absolute target without a path.
    public func originForm(for method: HTTPMethod) -> [UInt8] {
        switch form {
        case .origin: return bytes
        case .asterisk, .authority: return bytes
        case .absolute:
            if pathRange.isEmpty, queryRange == nil, case .options = method { return [UInt8(ascii: "*")] }
            let rest = bytes[pathRange.lowerBound...]
            return rest.first == UInt8(ascii: "/") ? Array(rest) : [UInt8(ascii: "/")] + rest
        }
    }

    /// The path's segments. They are decoded each time that it is asked.
    public func path() -> HTTPPath { HTTPPath(bytes[pathRange]) }

    /// The query's pairs, and nil without a query. They are decoded each time that it is asked.
    public func query() -> HTTPQuery? { queryRange.map { HTTPQuery(bytes, in: $0) } }

    /// For records: as it came, with what is not UTF-8 replaced.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}

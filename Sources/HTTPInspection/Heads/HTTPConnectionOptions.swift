/// What Connection says (RFC 9110 §7.6.1).
public struct HTTPConnectionOptions: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    public static let close = HTTPConnectionOptions(rawValue: 1 << 0)
    public static let keepAlive = HTTPConnectionOptions(rawValue: 1 << 1)
    /// Upgrade is named and is there.
    public static let upgrade = HTTPConnectionOptions(rawValue: 1 << 2)
    /// There are fields that it names beside those of its own kind.
    public static let namesFields = HTTPConnectionOptions(rawValue: 1 << 3)

    /// - Throws: for a list that is none, and where it names a field that is for the recipient at the other end: whoever
    ///   obeys removes it, and what was judged is not what arrives.
    init(_ fields: HTTPFields) throws(HTTPError) {
        guard let first = fields.index(of: "connection") else {
            self = []
            return
        }
        // What nearly all say.
        if fields.index(of: "connection", from: first + 1) == nil {
            if fields.value(at: first, isWithoutCase: "keep-alive") {
                self = .keepAlive
                return
            }
            if fields.value(at: first, isWithoutCase: "close") {
                self = .close
                return
            }
        }
        var options: HTTPConnectionOptions = []
        for option in try FieldList.tokens(fields.all(named: "connection")) {
            switch option {
            case "close": options.insert(.close)
            case "keep-alive": options.insert(.keepAlive)
            case "upgrade": if fields.contains("upgrade") { options.insert(.upgrade) }
            case _ where ForwardedHead.isEndToEnd(option):
                throw HTTPError(.malformedField, "Connection names a field that is not the connection's")
            default: options.insert(.namesFields)
            }
        }
        self = options
    }
}

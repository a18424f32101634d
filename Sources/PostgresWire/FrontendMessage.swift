public import WireBytes

/// A name of a statement or a portal. Bytes, because names are equal when their bytes are: Swift's strings are equal
/// when they are canonically equivalent, and the server's are not.
public typealias WireName = [UInt8]

/// What a client sends after start-up.
public enum FrontendMessage: Hashable, Sendable {
    public enum Target: UInt8, Hashable, Sendable {
        case statement = 0x53
        case portal = 0x50
    }

    public struct Bind: Hashable, Sendable {
        public var portal: WireName
        public var statement: WireName
        /// None: all are text; one: it holds for all; else one each. A decoded message may have any number.
        public var parameterFormats: [FormatCode]
        public var parameters: [[UInt8]?]
        public var resultFormats: [FormatCode]

        public init(
            portal: WireName, statement: WireName, parameterFormats: [FormatCode] = [], parameters: [[UInt8]?] = [],
            resultFormats: [FormatCode] = []
        ) {
            self.portal = portal
            self.statement = statement
            self.parameterFormats = parameterFormats
            self.parameters = parameters
            self.resultFormats = resultFormats
        }
    }

    case query([UInt8])
    case parse(name: WireName, text: [UInt8], types: [UInt32])
    case bind(Bind)
    case describe(Target, WireName)
    /// - maximum: rows; 0: all.
    case execute(portal: WireName, maximum: Int32)
    case close(Target, WireName)
    case flush
    case sync
    case terminate
    case functionCall([UInt8])
    case copyData([UInt8])
    case copyDone
    case copyFail([UInt8])
    /// The body of a PasswordMessage or SASL response, NUL included.
    case password([UInt8])
}

/// How a value is written.
public enum FormatCode: Int16, Hashable, Sendable {
    case text = 0
    case binary = 1
}

extension FrontendMessage {
    /// - Parameter body: without tag and length.
    public init(tag: UInt8, body: ByteReader) throws(WireError) {
        var body = body
        switch FrontendTag(rawValue: tag) {
        case .query: self = .query(try body.terminated())
        case .parse:
            let name = try body.terminated()
            let text = try body.terminated()
            let count = Int(try body.uint16())
            var types: [UInt32] = []
            for _ in 0..<count { types.append(try body.uint32()) }
            self = .parse(name: name, text: text, types: types)
        case .bind: self = .bind(try FrontendMessage.bind(&body))
        case .describe: self = .describe(try FrontendMessage.target(&body, of: "DESCRIBE"), try body.terminated())
        case .execute: self = .execute(portal: try body.terminated(), maximum: try body.int32())
        case .close: self = .close(try FrontendMessage.target(&body, of: "CLOSE"), try body.terminated())
        case .flush: self = .flush
        case .sync: self = .sync
        case .terminate: self = .terminate
        case .functionCall: self = .functionCall(body.rest())
        case .copyData: self = .copyData(body.rest())
        case .copyDone: self = .copyDone
        case .copyFail: self = .copyFail(try body.terminated())
        case .password: self = .password(body.rest())
        default: throw WireError(.malformed, "no frontend message begins with byte \(tag)")
        }
        try body.finish()
    }

    private static func bind(_ body: inout ByteReader) throws(WireError) -> Bind {
        let portal = try body.terminated()
        let statement = try body.terminated()
        let parameterFormats = try formats(&body)
        let count = Int(try body.uint16())
        var parameters: [[UInt8]?] = []
        for _ in 0..<count {
            let length = try body.int32()
            parameters.append(length == -1 ? nil : try body.array(Int(length)))
        }
        return Bind(
            portal: portal, statement: statement, parameterFormats: parameterFormats, parameters: parameters,
            resultFormats: try formats(&body))
    }

    private static func formats(_ body: inout ByteReader) throws(WireError) -> [FormatCode] {
        let count = Int(try body.uint16())
        var formats: [FormatCode] = []
        for _ in 0..<count { formats.append(try FormatCode(&body)) }
        return formats
    }

    private static func target(_ body: inout ByteReader, of message: String) throws(WireError) -> Target {
        let letter = try body.uint8()
        guard let target = Target(rawValue: letter) else {
            throw WireError(.unsupported, "invalid \(message) message subtype \(letter)")
        }
        return target
    }
}

extension FormatCode {
    init(_ body: inout ByteReader) throws(WireError) {
        let code = try body.int16()
        guard let format = FormatCode(rawValue: code) else {
            throw WireError(.unsupported, "unsupported format code: \(code)")
        }
        self = format
    }
}

extension FrontendMessage {
    /// The message as it goes on the wire.
    public var encoded: [UInt8] {
        var out: [UInt8] = []
        encode(into: &out)
        return out
    }

    public func encode(into out: inout [UInt8]) {
        switch self {
        case .query(let text): out.appendFrontend(.query) { $0.appendTerminated(text) }
        case .parse(let name, let text, let types):
            out.appendFrontend(.parse) { body in
                body.appendTerminated(name)
                body.appendTerminated(text)
                body.appendBigEndian(UInt16(truncatingIfNeeded: types.count))
                for type in types { body.appendBigEndian(type) }
            }
        case .bind(let bind):
            out.appendFrontend(.bind) { body in
                body.appendTerminated(bind.portal)
                body.appendTerminated(bind.statement)
                body.appendFormats(bind.parameterFormats)
                body.appendBigEndian(UInt16(truncatingIfNeeded: bind.parameters.count))
                for parameter in bind.parameters { body.appendValue(parameter) }
                body.appendFormats(bind.resultFormats)
            }
        case .describe(let target, let name):
            out.appendFrontend(.describe) { body in
                body.append(target.rawValue)
                body.appendTerminated(name)
            }
        case .execute(let portal, let maximum):
            out.appendFrontend(.execute) { body in
                body.appendTerminated(portal)
                body.appendBigEndian(maximum)
            }
        case .close(let target, let name):
            out.appendFrontend(.close) { body in
                body.append(target.rawValue)
                body.appendTerminated(name)
            }
        case .flush: out.appendFrontend(.flush) { _ in }
        case .sync: out.appendFrontend(.sync) { _ in }
        case .terminate: out.appendFrontend(.terminate) { _ in }
        case .functionCall(let bytes): out.appendFrontend(.functionCall) { $0.append(contentsOf: bytes) }
        case .copyData(let bytes): out.appendFrontend(.copyData) { $0.append(contentsOf: bytes) }
        case .copyDone: out.appendFrontend(.copyDone) { _ in }
        case .copyFail(let reason): out.appendFrontend(.copyFail) { $0.appendTerminated(reason) }
        case .password(let bytes): out.appendFrontend(.password) { $0.append(contentsOf: bytes) }
        }
    }
}

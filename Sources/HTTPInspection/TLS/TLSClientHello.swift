/// What a TLS client says first, as far as it tells for whom the connection is (RFC 8446 §4.1.2).
///
/// It is read strictly: where two readers could take it for different servers' hellos, it is refused.
public struct TLSClientHello: Sendable, Hashable {
    /// Of the server_name extension (RFC 6066 §3); nil without one.
    public let serverName: HTTPHost?
    /// The hello carries another one within, which only the server can read, or pretends to.
    public let hidesAnother: Bool

    /// Of the message: hellos with keys for several groups after quantum computers have some 2 KiB, and tickets may add as much again.
    static let maximumMessage = 16 << 10
    /// Of the records that it comes in: each has five bytes before it, and may be cut as the client likes.
    static let maximumBytes = 32 << 10

    /// - Returns: nil where more must come. Else the hello, and how many bytes its records have; what follows them is something else.
    /// - Throws: For what is no hello, is malformed, or is longer than a hello may be.
    public static func read(_ bytes: Span<UInt8>) throws(TLSHelloError) -> (hello: TLSClientHello, count: Int)? {
        var message: [UInt8] = []
        var offset = 0
        while true {
            guard let record = try TLSRecord.read(bytes, at: offset) else {
                guard bytes.count <= maximumBytes else { throw TLSHelloError("a hello that is too long") }
                return nil
            }
            guard record.type == .handshake else { throw TLSHelloError("a record that is no handshake") }
            guard let content = record.content else {
                guard bytes.count <= maximumBytes else { throw TLSHelloError("a hello that is too long") }
                // What is no hello is refused without the rest of it.
                if message.isEmpty {
                    let start = offset + TLSRecord.headerBytes
                    if bytes.count > start, bytes[start] != helloType {
                        throw TLSHelloError("a handshake message that is no hello")
                    }
                    if bytes.count >= start + 4,
                        Int(bytes[start + 1]) << 16 | Int(bytes[start + 2]) << 8 | Int(bytes[start + 3])
                            > maximumMessage
                    {
                        throw TLSHelloError("a hello that is too long")
                    }
                }
                return nil
            }
            for index in content { message.append(bytes[index]) }
            offset = content.upperBound
            if let first = message.first, first != helloType {
                throw TLSHelloError("a handshake message that is no hello")
            }
            guard message.count >= 4 else { continue }
            let length = Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3])
            guard length <= maximumMessage, offset <= maximumBytes else {
                throw TLSHelloError("a hello that is too long")
            }
            guard message.count >= 4 + length else { continue }
            guard message.count == 4 + length else { throw TLSHelloError("something behind a hello in its record") }
            return (try TLSClientHello(parsing: message.span.extracting(4..<message.count)), offset)
        }
    }

    private static let helloType: UInt8 = 1

    private init(parsing body: Span<UInt8>) throws(TLSHelloError) {
        var fields = TLSFields(0..<body.count)
        let version = try fields.number(2, of: body)
        guard (0x0301...0x0303).contains(version) else { throw TLSHelloError("a hello of an unknown version") }
        _ = try fields.take(32)
        guard try fields.vector(1, of: body).count <= 32 else { throw TLSHelloError("a session's id that is too long") }
        let suites = try fields.vector(2, of: body)
        guard suites.count >= 2, suites.count % 2 == 0 else { throw TLSHelloError("a list of ciphers that is none") }
        guard try fields.vector(1, of: body).count >= 1 else { throw TLSHelloError("no way to compress") }
        var name: HTTPHost?
        var hides = false
        var seen: Set<Int> = []
        if !fields.isAtEnd {
            let all = try fields.vector(2, of: body)
            guard fields.isAtEnd else { throw TLSHelloError("something behind a hello's extensions") }
            var extensions = TLSFields(all)
            while !extensions.isAtEnd {
                let type = try extensions.number(2, of: body)
                let content = try extensions.vector(2, of: body)
                guard seen.insert(type).inserted else { throw TLSHelloError("an extension twice") }
                switch type {
                case 0: name = try TLSClientHello.serverName(body, content)
                // encrypted_client_hello, what stands for outer extensions within one, and its draft of before.
                case 0xFE0D, 0xFD00, 0xFFCE, 0xFF02...0xFF04: hides = true
                default: break
                }
            }
        }
        serverName = name
        hidesAnother = hides
    }

    /// A list of one name, of the one type that there is.
    private static func serverName(_ body: Span<UInt8>, _ range: Range<Int>) throws(TLSHelloError) -> HTTPHost {
        var fields = TLSFields(range)
        let list = try fields.vector(2, of: body)
        guard fields.isAtEnd else { throw TLSHelloError("something behind a list of names") }
        var names = TLSFields(list)
        guard try names.number(1, of: body) == 0 else { throw TLSHelloError("a name of an unknown type") }
        let name = try names.vector(2, of: body)
        guard names.isAtEnd else { throw TLSHelloError("several names") }
        let authority: HTTPAuthority
        do throws(HTTPError) {
            authority = try HTTPAuthority(parsing: body.extracting(name))
        } catch { throw TLSHelloError("a server's name that is none") }
        guard case .name = authority.host, authority.port == nil, !authority.isUnusual else {
            throw TLSHelloError("a server's name that is none")
        }
        return authority.host
    }
}

/// Bytes that are no hello as it is read here.
public struct TLSHelloError: Error, Hashable, Sendable, CustomStringConvertible {
    /// In words, without any of the bytes.
    public let reason: String

    init(_ reason: String) {
        self.reason = reason
    }

    public var description: String { reason }
}

/// A record of TLS (RFC 8446 §5.1).
public struct TLSRecord: Sendable, Hashable {
    public enum ContentType: UInt8, Sendable, Hashable {
        case changeCipherSpec = 20
        case alert = 21
        case handshake = 22
        case applicationData = 23
    }

    public let type: ContentType
    /// Where its content is; nil while that is not all here.
    public let content: Range<Int>?

    static let headerBytes = 5

    /// - Returns: nil where not even the record's header is here.
    /// - Throws: For what is no record: another protocol, or another version of it.
    public static func read(_ bytes: Span<UInt8>, at offset: Int) throws(TLSHelloError) -> TLSRecord? {
        let rest = bytes.count - offset
        // What cannot become a record is told from its first byte.
        if rest > 0, ContentType(rawValue: bytes[offset]) == nil { throw TLSHelloError("bytes that are no TLS") }
        if rest > 1, bytes[offset + 1] != 3 { throw TLSHelloError("bytes that are no TLS") }
        guard rest >= headerBytes, let type = ContentType(rawValue: bytes[offset]) else { return nil }
        guard bytes[offset + 2] <= 4 else { throw TLSHelloError("a record of an unknown version") }
        let length = Int(bytes[offset + 3]) << 8 | Int(bytes[offset + 4])
        // RFC 8446 §5.2: 256 more than 16,384 where it is encrypted; some send more (RFC 5246 §6.2.3).
        guard (1...(16_384 + 2_048)).contains(length) else { throw TLSHelloError("a record of no length") }
        let start = offset + headerBytes
        return TLSRecord(type: type, content: rest - headerBytes >= length ? start..<(start + length) : nil)
    }
}

/// Numbers and vectors in their order, none of which goes over the end.
private struct TLSFields {
    private var position: Int
    private let end: Int

    init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { position == end }

    mutating func take(_ count: Int) throws(TLSHelloError) -> Range<Int> {
        guard count <= end - position else { throw TLSHelloError("a length that goes over the end") }
        defer { position += count }
        return position..<(position + count)
    }

    /// Of one or two bytes.
    mutating func number(_ size: Int, of bytes: Span<UInt8>) throws(TLSHelloError) -> Int {
        var number = 0
        for index in try take(size) { number = number << 8 | Int(bytes[index]) }
        return number
    }

    /// What a length of so many bytes stands before.
    mutating func vector(_ size: Int, of bytes: Span<UInt8>) throws(TLSHelloError) -> Range<Int> {
        try take(try number(size, of: bytes))
    }
}

/// What a TLS server says first, as far as it tells whether the client must say hello again.
public enum TLSServerAnswer: Sendable, Hashable {
    /// HelloRetryRequest: another hello follows.
    case helloAgain
    case other

    /// - Returns: nil where more must come.
    public static func read(_ bytes: Span<UInt8>) -> TLSServerAnswer? {
        // A record's header, a message's header, the version, and the random number that says it (RFC 8446 §4.1.3).
        let start = 11
        let known: [UInt8] = [
            0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2, 0xA2,
            0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
        ]
        guard let first = bytes.count > 0 ? bytes[0] : nil else { return nil }
        guard first == TLSRecord.ContentType.handshake.rawValue else { return .other }
        for (index, byte) in known.enumerated() {
            guard start + index < bytes.count else { return nil }
            if bytes[start + index] != byte { return .other }
        }
        return .helloAgain
    }
}

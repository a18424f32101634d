public import WireBytes

/// What a client may send first, before messages have tags.
public enum StartupPacket: Hashable, Sendable {
    case sslRequest
    case gssEncRequest
    case cancel(processID: Int32, secret: [UInt8])
    /// - parameters: name and value in order, `user` among them.
    case startup(major: UInt16, minor: UInt16, parameters: [Parameter])

    public struct Parameter: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Codes that stand where a version would (src/include/libpq/pqcomm.h).
    static let cancelCode: UInt32 = 1234 << 16 | 5678
    static let sslCode: UInt32 = 1234 << 16 | 5679
    static let gssCode: UInt32 = 1234 << 16 | 5680
}

/// Cuts the start of a client's stream into packets.
public struct StartupDecoder: Sendable {
    private var input = InputBuffer()

    public init() {}

    public var buffered: Int { input.count }

    public mutating func append(_ span: Span<UInt8>) {
        input.append(span)
    }

    /// What has come after the packets that were taken.
    public mutating func takeRest() -> [UInt8] {
        let rest = Array(input.bytes[input.range])
        input.removeAll()
        return rest
    }

    /// - Returns: `nil` until a packet is whole.
    public mutating func next() throws(WireError) -> StartupPacket? {
        // A ClientHello (TLS record type 22) where a length is due is direct TLS; its first byte alone would be a packet of
        // 350 MB.
        if let first = input.range.first, input.bytes[first] == 22 {
            throw WireError(.unexpected, "TLS without an SSLRequest")
        }
        guard input.count >= 4 else { return nil }
        var reader = ByteReader(input.bytes, in: input.range)
        let length = Int(try reader.uint32())
        guard length >= 8 else { throw WireError(.malformed, "a start-up packet of \(length) bytes") }
        guard length <= PostgresLimits.startup else {
            throw WireError(
                .oversized, "a start-up packet of \(length) bytes; the most is \(PostgresLimits.startup)")
        }
        guard input.count >= length else { return nil }
        var body = ByteReader(input.bytes, in: (input.start + 4)..<(input.start + length))
        let packet = try StartupDecoder.packet(&body)
        input.consume(length)
        return packet
    }

    private static func packet(_ body: inout ByteReader) throws(WireError) -> StartupPacket {
        let code = try body.uint32()
        switch code {
        case StartupPacket.sslCode:
            try body.finish()
            return .sslRequest
        case StartupPacket.gssCode:
            try body.finish()
            return .gssEncRequest
        case StartupPacket.cancelCode:
            let processID = try body.int32()
            // Four bytes in protocol 3.0, up to 256 in 3.2.
            guard (4...256).contains(body.remaining) else {
                throw WireError(.malformed, "a cancel key of \(body.remaining) bytes")
            }
            return .cancel(processID: processID, secret: body.rest())
        default:
            var parameters: [StartupPacket.Parameter] = []
            if code >> 16 == 3 {
                while true {
                    let name = try body.terminated()
                    if name.isEmpty { break }
                    let value = try body.terminated()
                    parameters.append(.init(name: try text(name), value: try text(value)))
                }
                try body.finish()
            }
            return .startup(
                major: UInt16(truncatingIfNeeded: code >> 16), minor: UInt16(truncatingIfNeeded: code),
                parameters: parameters)
        }
    }

    private static func text(_ bytes: [UInt8]) throws(WireError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw WireError(.malformed, "a start-up parameter that is not UTF-8")
        }
        return text
    }
}

extension StartupPacket {
    /// The packet as it goes on the wire.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = [0, 0, 0, 0]
        switch self {
        case .sslRequest: bytes.appendBigEndian(StartupPacket.sslCode)
        case .gssEncRequest: bytes.appendBigEndian(StartupPacket.gssCode)
        case .cancel(let processID, let secret):
            bytes.appendBigEndian(StartupPacket.cancelCode)
            bytes.appendBigEndian(processID)
            bytes.append(contentsOf: secret)
        case .startup(let major, let minor, let parameters):
            bytes.appendBigEndian(major)
            bytes.appendBigEndian(minor)
            for parameter in parameters {
                bytes.appendTerminated(parameter.name)
                bytes.appendTerminated(parameter.value)
            }
            bytes.append(0)
        }
        bytes.replaceBigEndian(UInt32(truncatingIfNeeded: bytes.count), at: 0)
        return bytes
    }
}

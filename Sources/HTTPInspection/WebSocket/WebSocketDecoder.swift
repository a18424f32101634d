public import WireBytes

/// What comes over a WebSocket: messages, put together of their fragments, and what the connection is kept with.
public enum WebSocketPart: Sendable, Equatable {
    case text([UInt8])
    case binary([UInt8])
    case ping([UInt8])
    case pong([UInt8])
    /// - Parameters:
    ///   - code: `nil` where none was given.
    ///   - reason: UTF-8.
    case close(code: UInt16?, reason: [UInt8])
}

/// Reads one direction of a WebSocket, as RFC 6455 has it without extensions and no other way.
public struct WebSocketDecoder: Sendable {
    private enum Opcode: UInt8 {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10
    }

    private struct Header {
        var opcode: Opcode
        var isFinal: Bool
        var key: [UInt8]?
        var length: Int
        var size: Int
    }

    private let isMasked: Bool
    private var message: [UInt8] = []
    private var kind: Opcode?
    private var isOver = false

    /// - Parameter isMasked: Whether this is the client's direction, whose frames are masked (§5.3).
    public init(isMasked: Bool) {
        self.isMasked = isMasked
    }

    /// The next part; nil where more must come, or nothing may: after a close.
    ///
    /// - Throws: what ends the connection: reserved bits and opcodes, fragments out of order, a frame masked or not as it may not be,
    ///   lengths that are not the shortest, text that is no UTF-8, and a message of more than ``HTTPLimits/webSocketMessage`` (1009).
    public mutating func next(in input: inout InputBuffer) throws(HTTPError) -> WebSocketPart? {
        while !isOver {
            guard let header = try header(in: input) else { return nil }
            guard input.count - header.size >= header.length else { return nil }
            let start = input.start + header.size
            var payload = Array(input.bytes[start..<(start + header.length)])
            if let key = header.key {
                for index in payload.indices { payload[index] ^= key[index & 3] }
            }
            input.consume(header.size + header.length)
            if let part = try part(header, payload) { return part }
        }
        return nil
    }

    private func header(in input: borrowing InputBuffer) throws(HTTPError) -> Header? {
        guard input.count >= 2 else { return nil }
        let (first, second) = (input.bytes[input.start], input.bytes[input.start + 1])
        guard first & 0x70 == 0, let opcode = Opcode(rawValue: first & 0x0F) else {
            throw Self.malformed("reserved bits, an extension or an opcode that is not known")
        }
        guard (second & 0x80 != 0) == isMasked else {
            throw Self.malformed("a frame that is masked, or not, as its direction may not be")
        }
        var size = 2
        var length = Int(second & 0x7F)
        let extra = length == 126 ? 2 : length == 127 ? 8 : 0
        if extra > 0 {
            guard input.count >= 2 + extra else { return nil }
            var value: UInt64 = 0
            for index in 0..<extra { value = value << 8 | UInt64(input.bytes[input.start + 2 + index]) }
            guard value >= (extra == 2 ? 126 : 65_536) else {
                throw Self.malformed("a length that is not written the shortest way")
            }
            guard value <= UInt64(HTTPLimits.webSocketMessage) else { throw Self.tooLong }
            length = Int(value)
            size += extra
        }
        let isFinal = first & 0x80 != 0
        if opcode.rawValue >= 8, !isFinal || length > 125 {
            throw Self.malformed("a control frame that is long or in fragments")
        }
        guard message.count + length <= HTTPLimits.webSocketMessage else { throw Self.tooLong }
        guard isMasked else { return Header(opcode: opcode, isFinal: isFinal, key: nil, length: length, size: size) }
        guard input.count >= size + 4 else { return nil }
        let key = Array(input.bytes[(input.start + size)..<(input.start + size + 4)])
        return Header(opcode: opcode, isFinal: isFinal, key: key, length: length, size: size + 4)
    }

    private mutating func part(_ header: Header, _ payload: [UInt8]) throws(HTTPError) -> WebSocketPart? {
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        case .close: return try close(payload)
        case .continuation:
            guard kind != nil else { throw Self.malformed("a fragment of no message") }
        case .text, .binary:
            guard kind == nil else { throw Self.malformed("a message within another") }
            kind = header.opcode
        }
        message += payload
        guard header.isFinal else { return nil }
        let (whole, isText) = (message, kind == .text)
        message = []
        kind = nil
        guard isText else { return .binary(whole) }
        guard String(validating: whole, as: UTF8.self) != nil else {
            throw HTTPError(.malformedBody, status: 1007, "a text that is no UTF-8")
        }
        return .text(whole)
    }

    private mutating func close(_ payload: [UInt8]) throws(HTTPError) -> WebSocketPart {
        isOver = true
        guard payload.count != 1, String(validating: payload.dropFirst(2), as: UTF8.self) != nil else {
            throw Self.malformed("a close that is none")
        }
        guard payload.count >= 2 else { return .close(code: nil, reason: []) }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        // §7.4: the others are for what happens without a frame, or nobody's.
        guard (1000...1003).contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code) else {
            throw Self.malformed("a close with a code that may not be sent")
        }
        return .close(code: code, reason: Array(payload[2...]))
    }

    private static func malformed(_ reason: String) -> HTTPError {
        HTTPError(.malformedBody, status: 1002, reason)
    }

    private static var tooLong: HTTPError {
        HTTPError(
            .oversizedBody, status: 1009, "a message of more than \(HTTPLimits.webSocketMessage >> 10) KiB")
    }
}

/// Writes frames of a WebSocket, each a message of its own.
public enum WebSocketEncoder {
    /// - Parameter key: Four bytes that the client's frames are masked with; `nil`: a server's.
    public static func write(_ part: WebSocketPart, key: [UInt8]?, into output: inout [UInt8]) {
        switch part {
        case .text(let bytes): frame(0x81, bytes, key, &output)
        case .binary(let bytes): frame(0x82, bytes, key, &output)
        case .ping(let bytes): frame(0x89, bytes, key, &output)
        case .pong(let bytes): frame(0x8A, bytes, key, &output)
        case .close(let code, let reason):
            guard let code else { return frame(0x88, [], key, &output) }
            frame(0x88, [UInt8(code >> 8), UInt8(code & 0xFF)] + reason.prefix(123), key, &output)
        }
    }

    private static func frame(_ first: UInt8, _ payload: [UInt8], _ key: [UInt8]?, _ output: inout [UInt8]) {
        output.append(first)
        let mask: UInt8 = key == nil ? 0 : 0x80
        switch payload.count {
        case ..<126: output.append(mask | UInt8(payload.count))
        case ..<65_536: output += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            output.append(mask | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                output.append(UInt8(truncatingIfNeeded: payload.count >> shift))
            }
        }
        guard let key, key.count == 4 else {
            output += payload
            return
        }
        output += key
        for (index, byte) in payload.enumerated() { output.append(byte ^ key[index & 3]) }
    }
}

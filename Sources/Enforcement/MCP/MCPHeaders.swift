import HTTPInspection
import Policy

/// Holds what a request's fields say of its message against the message: whoever is on the way may go by the one, and the server by the
/// other.
enum MCPHeaders {
    /// - Returns: the revision that is spoken.
    /// - Throws: where they disagree.
    static func check(_ fields: HTTPFields, _ message: MCPMessage, _ reading: MCPReading) throws(MCPFault) -> String {
        let revision = try revision(fields, message)
        let isStateless = MCPRevision.isStateless(revision)
        if let method = try single("mcp-method", fields, message) {
            guard method == message.method else { throw mismatch("Mcp-Method", message) }
        } else if isStateless, message.id != nil {
            throw mismatch("Mcp-Method", message)
        }
        let name = reading.object?.name
        let isNamed = ["tools/call", "resources/read", "prompts/get"].contains(message.method ?? "")
        if let written = try single("mcp-name", fields, message) {
            guard let name, decoded(written)?.utf8.elementsEqual(name.utf8) == true else {
                throw mismatch("Mcp-Name", message)
            }
        } else if isStateless, isNamed {
            throw mismatch("Mcp-Name", message)
        }
        try checkParameters(fields, message, reading)
        return revision
    }

    private static func revision(_ fields: HTTPFields, _ message: MCPMessage) throws(MCPFault) -> String {
        let written = try single("mcp-protocol-version", fields, message)
        let meta = message.params?["_meta"]?["io.modelcontextprotocol/protocolVersion"]
        if let meta {
            guard let meta = meta.stringValue, meta == written else { throw mismatch("MCP-Protocol-Version", message) }
        }
        // Without the field it is the revision before there was one (2025-06-18, Transports, Protocol Version Header).
        let revision = written ?? "2025-03-26"
        guard MCPRevision.known.contains(revision) else {
            throw MCPFault(code: .unsupportedVersion, "Unsupported protocol version.", id: message.id)
        }
        if MCPRevision.isStateless(revision), message.id != nil, meta == nil {
            throw mismatch("MCP-Protocol-Version", message)
        }
        if message.method == "initialize" {
            guard !MCPRevision.isStateless(revision), !fields.contains("mcp-session-id"),
                let asked = message.params?["protocolVersion"]?.stringValue, MCPRevision.known.contains(asked),
                !MCPRevision.isStateless(asked), written == nil || written == asked
            else {
                throw MCPFault(code: .unsupportedVersion, "Unsupported protocol version.", id: message.id)
            }
        }
        return revision
    }

    /// Values of arguments that a client repeats in fields (`x-mcp-header`): each must be one that the call brings. Which of them it is,
    /// the tool's schema says, and the server.
    private static func checkParameters(
        _ fields: HTTPFields, _ message: MCPMessage, _ reading: MCPReading
    ) throws(MCPFault) {
        var written: [[UInt8]] = []
        fields.forEach { name, value in
            if name.count > 10,
                Array(name.prefix(10)).map({ $0 | 0x20 }).elementsEqual("mcp-param-".utf8.map { $0 | 0x20 })
            {
                written.append(Array(value))
            }
        }
        guard !written.isEmpty else { return }
        var texts: Set<[UInt8]> = []
        var values = [reading.arguments]
        while let value = values.popLast() {
            switch value {
            case .string(let text), .number(let text): texts.insert(Array(text.utf8))
            case .boolean(let flag): texts.insert(Array((flag ? "true" : "false").utf8))
            case .object(let members): values += members.map(\.value)
            case .array, .null: break
            }
        }
        for value in written {
            guard let text = decoded(String(decoding: value, as: UTF8.self)), texts.contains(Array(text.utf8)) else {
                throw mismatch("Mcp-Param", message)
            }
        }
    }

    /// The value of a field that may be there once.
    private static func single(
        _ name: String, _ fields: HTTPFields, _ message: MCPMessage
    ) throws(MCPFault) -> String? {
        guard let value = fields.first(named: name) else { return nil }
        guard fields.count(of: name) == 1, let text = String(validating: value, as: UTF8.self) else {
            throw mismatch(name, message)
        }
        return text
    }

    private static func mismatch(_ field: String, _ message: MCPMessage) -> MCPFault {
        MCPFault(code: .headerMismatch, "The header \(field) is not what the message says.", id: message.id)
    }

    /// `=?base64?…?=` is the text in base64; anything else is itself.
    private static func decoded(_ text: String) -> String? {
        guard text.hasPrefix("=?base64?"), text.hasSuffix("?="), text.utf8.count >= 11 else { return text }
        return Base64.decode(text.dropFirst(9).dropLast(2).utf8).flatMap { String(validating: $0, as: UTF8.self) }
    }
}

/// Base64 (RFC 4648 §4), read strictly; what is sealed is written in the alphabet for URLs, without padding (§5).
enum Base64 {
    static func decode(_ text: some Collection<UInt8>, isForURLs: Bool = false) -> [UInt8]? {
        var body = Array(text)
        if !isForURLs {
            guard body.count.isMultiple(of: 4) else { return nil }
            for _ in 0..<2 where body.last == UInt8(ascii: "=") { body.removeLast() }
        }
        guard body.count % 4 != 1 else { return nil }
        var output: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        let (plus, slash) = isForURLs ? (UInt8(ascii: "-"), UInt8(ascii: "_")) : (UInt8(ascii: "+"), UInt8(ascii: "/"))
        for byte in body {
            let value: UInt32
            switch byte {
            case 0x41...0x5A: value = UInt32(byte) - 0x41
            case 0x61...0x7A: value = UInt32(byte) - 0x61 + 26
            case 0x30...0x39: value = UInt32(byte) - 0x30 + 52
            case plus: value = 62
            case slash: value = 63
            default: return nil
            }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                output.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                bits &= (1 << UInt32(count)) - 1
            }
        }
        return bits == 0 ? output : nil
    }

    static func encodeForURLs(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var output: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                output.append(letters[Int(bits >> UInt32(count) & 63)])
            }
            bits &= (1 << UInt32(count)) - 1
        }
        if count > 0 { output.append(letters[Int(bits << UInt32(6 - count) & 63)]) }
        return String(decoding: output, as: UTF8.self)
    }
}

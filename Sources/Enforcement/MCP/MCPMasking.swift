import Policy

/// Masks what stands in messages: JSON as everywhere, and the URLs in its texts besides.
///
/// What the protocol itself says (a tool's `name`, a schema's properties) is looked at by pattern alone: there a key that policy names means
/// something else.
enum MCPMasking {
    enum Style {
        /// What somebody says: patterns, and keys at any depth.
        case content
        /// What the protocol says: patterns.
        case structure
        /// A client's params.
        case params
        /// A server's result.
        case result
        /// Pieces of content, or one of them.
        case items
        /// `_meta`, whose keys of the protocol's own are structure.
        case meta
    }

    private static let structuralParams: Set<String> = [
        "name", "uri", "clientInfo", "protocolVersion", "capabilities", "ref", "argument", "cursor", "requestedSchema",
        "notifications",
    ]
    private static let contentOfItems: Set<String> = [
        "text", "blob", "data", "_meta", "annotations", "structuredContent",
    ]

    /// - Returns: the masked value as JSON, and what was masked; `nil` where it cannot be looked into.
    static func mask(
        _ value: ArgumentValue, _ plan: BodyMaskingPlan, as style: Style = .content
    ) -> (json: [UInt8], found: BodyFindings)? {
        var found = BodyFindings()
        var output: [UInt8] = []
        guard !plan.isEmpty else { return (value.json, found) }
        return mask(value, plan, style, into: &output, &found) ? (output, found) : nil
    }

    private static func mask(
        _ value: ArgumentValue, _ plan: BodyMaskingPlan, _ style: Style, into output: inout [UInt8],
        _ found: inout BodyFindings
    ) -> Bool {
        switch (style, value) {
        case (.content, _): return mask(value, plan, heedsKeys: true, into: &output, &found)
        case (.items, .array(let items)):
            output.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                guard mask(item, plan, .items, into: &output, &found) else { return false }
            }
            output.append(UInt8(ascii: "]"))
            return true
        case (.params, .object(let members)), (.result, .object(let members)), (.items, .object(let members)),
            (.meta, .object(let members)):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                // A name may be a value itself.
                guard mask(.string(member.name), plan, heedsKeys: false, into: &output, &found) else { return false }
                output.append(UInt8(ascii: ":"))
                let inner = inner(member.name, of: style)
                guard mask(member.value, plan, inner, into: &output, &found) else { return false }
            }
            output.append(UInt8(ascii: "}"))
            return true
        case (.structure, _), (.params, _), (.result, _), (.items, _), (.meta, _):
            return mask(value, plan, heedsKeys: false, into: &output, &found)
        }
    }

    private static func inner(_ name: String, of style: Style) -> Style {
        if name == "_meta", style != .meta { return .meta }
        switch style {
        case .params: return structuralParams.contains(name) ? .structure : .content
        case .result:
            if name == "inputRequests" { return .structure }
            return ["content", "contents", "messages"].contains(name) ? .items : .content
        case .items:
            if contentOfItems.contains(name) { return .content }
            return ["resource", "content"].contains(name) ? .items : .structure
        case .meta: return name.hasPrefix("io.modelcontextprotocol/") ? .structure : .content
        case .content, .structure: return style
        }
    }

    private static func mask(
        _ value: ArgumentValue, _ plan: BodyMaskingPlan, heedsKeys: Bool, into output: inout [UInt8],
        _ found: inout BodyFindings
    ) -> Bool {
        guard let scanner = plan.scanner, let masking = plan.masking(heedsKeys: heedsKeys) else { return false }
        let value = withoutLinks(value, plan, &found)
        var pass = JSONPass(masking, scanner)
        do throws(BodyRefusal) {
            let json = value.json
            try pass.take(json.span, into: &output, &found)
            try pass.finish(into: &output, &found)
            return true
        } catch {
            return false
        }
    }

    private static func withoutLinks(
        _ value: ArgumentValue, _ plan: BodyMaskingPlan, _ found: inout BodyFindings
    ) -> ArgumentValue {
        switch value {
        case .string(let text):
            guard let (shown, kinds) = CarryingLinks.hide(text, plan) else { return value }
            found.add(kinds)
            return .string(shown)
        case .array(let elements): return .array(elements.map { withoutLinks($0, plan, &found) })
        case .object(let members):
            return .object(members.map { .init(name: $0.name, value: withoutLinks($0.value, plan, &found)) })
        case .null, .boolean, .number: return value
        }
    }
}

/// URLs within texts that carry something out: a picture in Markdown is fetched as soon as it is shown, with whatever its address holds.
enum CarryingLinks {
    /// - Returns: the text with such URLs hidden; `nil` where it has none.
    static func hide(_ text: String, _ plan: BodyMaskingPlan) -> (text: String, found: BodyFindings)? {
        guard text.utf8.contains(UInt8(ascii: ":")), text.contains("://") else { return nil }
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        var found = BodyFindings()
        var copied = 0
        var position = 0
        while let mark = next("://", in: bytes, from: position) {
            var start = mark
            while start > copied, isOfScheme(bytes[start - 1]) { start -= 1 }
            var end = mark + 3
            while end < bytes.count, !isEnd(bytes[end]) { end += 1 }
            position = end
            guard let carried = carried(bytes[start..<end], plan) else { continue }
            found.add(carried)
            output += bytes[copied..<start]
            output += RedactedForm.text.utf8
            copied = end
        }
        guard copied > 0 else { return nil }
        return (String(decoding: output + bytes[copied...], as: UTF8.self), found)
    }

    /// What a URL holds once it is decoded, which its own letters do not show.
    private static func carried(_ url: ArraySlice<UInt8>, _ plan: BodyMaskingPlan) -> BodyFindings? {
        let url = Array(url)
        if let (_, found) = plan.maskText(url) { return found }
        let separators = Array("/?&=#.;,:@%".utf8)
        for piece in url.split(whereSeparator: { separators.contains($0) }) where piece.count >= 12 {
            guard let opened = opened(piece), let (_, found) = plan.maskText(opened) else { continue }
            return found
        }
        return nil
    }

    /// What is written in base64, either alphabet, or in hexadecimal.
    private static func opened(_ piece: ArraySlice<UInt8>) -> [UInt8]? {
        if piece.count.isMultiple(of: 2), piece.allSatisfy(isHex) {
            let digits = piece.map(hexValue)
            let bytes = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
            if bytes.allSatisfy({ 0x20..<0x7F ~= $0 }) { return bytes }
        }
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in piece {
            let value: UInt32
            switch byte {
            case 0x41...0x5A: value = UInt32(byte) - 0x41
            case 0x61...0x7A: value = UInt32(byte) - 0x61 + 26
            case 0x30...0x39: value = UInt32(byte) - 0x30 + 52
            case UInt8(ascii: "+"), UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "/"), UInt8(ascii: "_"): value = 63
            default: return nil
            }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return String(validating: bytes, as: UTF8.self) == nil ? nil : bytes
    }

    private static func next(_ text: String, in bytes: [UInt8], from start: Int) -> Int? {
        let text = Array(text.utf8)
        var position = start
        while position + text.count <= bytes.count {
            if bytes[position] == text[0], bytes[position..<position + text.count].elementsEqual(text) {
                return position
            }
            position += 1
        }
        return nil
    }

    private static func isOfScheme(_ byte: UInt8) -> Bool {
        isHex(byte) || 0x47...0x5A ~= byte || 0x67...0x7A ~= byte || "+-.".utf8.contains(byte)
    }

    private static func isEnd(_ byte: UInt8) -> Bool { byte <= 0x20 || "\"'<>()[]{}|\\`".utf8.contains(byte) }

    private static func isHex(_ byte: UInt8) -> Bool {
        0x30...0x39 ~= byte || 0x41...0x46 ~= byte || 0x61...0x66 ~= byte
    }

    private static func hexValue(_ byte: UInt8) -> UInt8 { byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x61 + 10 }
}

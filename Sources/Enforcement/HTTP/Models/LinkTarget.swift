/// Where a link leads, as whoever shows a text would have it: escapes of Markdown and references of HTML resolved, and what URLs ignore left
/// out (WHATWG URL §4.4).
struct LinkTarget {
    /// Whether it stays where it is shown: a path or a part of the page, without a host of its own, or a picture that is all there.
    let isLocal: Bool
    /// In lower case; `nil` where it has none, or one that two might read differently.
    let host: String?

    init(_ written: ArraySlice<UInt8>) {
        var text = LinkTarget.decoded(written)
        // Leading white space and controls are skipped, tabs and line ends within left out.
        while let first = text.first, first <= 0x20 { text.removeFirst() }
        text.removeAll { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        text = text.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }
        let isSlash = { (byte: UInt8) in byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") }
        var rest = text[...]
        if let scheme = LinkTarget.scheme(of: text) {
            rest = text[(scheme.count + 1)...]
            guard ["http", "https", "ws", "wss", "ftp"].contains(scheme) else {
                isLocal = scheme == "data" && rest.starts(with: "image/".utf8) && !rest.starts(with: "image/svg".utf8)
                host = nil
                return
            }
            while let first = rest.first, isSlash(first) { rest.removeFirst() }
        } else if rest.count >= 2, isSlash(rest[0]), isSlash(rest[1]) {
            while let first = rest.first, isSlash(first) { rest.removeFirst() }
        } else if rest.starts(with: "www.".utf8) {
            // Of a link in words; as a target it is a path, which is as harmless without it.
        } else {
            // What is not plain letters may become a scheme in a reading that is not this one.
            let path = rest.prefix { !isSlash($0) && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
            isLocal = !path.contains {
                $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "%") || $0 < 0x20
            }
            host = nil
            return
        }
        isLocal = false
        let authority = rest.prefix { !isSlash($0) && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        let name = authority.prefix { $0 != UInt8(ascii: ":") }
        // Whoever signs in before an @, and letters that are written otherwise, are for those who want to be misread.
        guard !authority.contains(UInt8(ascii: "@")), !name.isEmpty,
            name.allSatisfy({
                0x61...0x7A ~= $0 || 0x30...0x39 ~= $0 || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
            })
        else {
            host = nil
            return
        }
        host = String(decoding: name, as: UTF8.self)
    }

    private static func scheme(of text: [UInt8]) -> String? {
        guard let first = text.first, 0x61...0x7A ~= first,
            let colon = text.firstIndex(where: {
                !(0x61...0x7A ~= $0 || 0x30...0x39 ~= $0 || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-")
                    || $0 == UInt8(ascii: "."))
            }), text[colon] == UInt8(ascii: ":")
        else { return nil }
        return String(decoding: text[..<colon], as: UTF8.self)
    }

    /// Names of characters that could hide what a target is.
    private static let references: [String: UInt8] = [
        "colon": 0x3A, "sol": 0x2F, "bsol": 0x5C, "period": 0x2E, "tab": 0x09, "newline": 0x0A, "amp": 0x26,
        "commat": 0x40,
        "quest": 0x3F, "num": 0x23, "percnt": 0x25, "lowbar": 0x5F, "hyphen": 0x2D, "dash": 0x2D, "quot": 0x22,
        "apos": 0x27,
        "lt": 0x3C, "gt": 0x3E, "lpar": 0x28, "rpar": 0x29,
    ]

    /// Without Markdown's backslashes (CommonMark §2.4) and HTML's references, as far as they stand for ASCII.
    static func decoded(_ written: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var index = written.startIndex
        while index < written.endIndex {
            let byte = written[index]
            let next = index + 1 < written.endIndex ? written[index + 1] : 0
            if byte == UInt8(ascii: "\\"),
                (0x21...0x2F ~= next || 0x3A...0x40 ~= next || 0x5B...0x60 ~= next || 0x7B...0x7E ~= next)
            {
                result.append(next)
                index += 2
            } else if byte == UInt8(ascii: "&"), let (value, end) = reference(written[index...]) {
                result.append(value)
                index = end
            } else {
                result.append(byte)
                index += 1
            }
        }
        return result
    }

    private static func reference(_ text: ArraySlice<UInt8>) -> (UInt8, Int)? {
        let body = text.dropFirst().prefix(12).prefix {
            0x30...0x39 ~= $0 || 0x41...0x5A ~= $0 || 0x61...0x7A ~= $0 || $0 == UInt8(ascii: "#")
        }
        guard !body.isEmpty else { return nil }
        var end = body.endIndex
        let word = String(decoding: body, as: UTF8.self).lowercased()
        var value: UInt32?
        if word.hasPrefix("#x") {
            value = UInt32(word.dropFirst(2), radix: 16)
        } else if word.hasPrefix("#") {
            value = UInt32(word.dropFirst().prefix { $0.isNumber })
            if let digits = value.map({ String($0) }), !word.dropFirst().allSatisfy(\.isNumber) {
                end = text.startIndex + 2 + digits.count
            }
        } else {
            value = references[word].map(UInt32.init)
        }
        guard let value, value < 0x80 else { return nil }
        if end < text.endIndex, text[end] == UInt8(ascii: ";") { end += 1 }
        return (UInt8(value), end)
    }
}

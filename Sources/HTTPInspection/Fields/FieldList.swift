/// Fields whose value is a list (RFC 9110 §5.6.1): several fields of one name are one list.
public enum FieldList {
    /// An element of `Accept-Encoding`, `TE` and their kin: a token, in lower case, and how much it is wanted.
    public struct Weighted: Hashable, Sendable {
        public let token: String
        /// In thousandths: 0 is "not at all", 1,000 is what stands where nothing is said.
        public let weight: Int
    }

    /// The tokens of a list, in lower case: `Connection`, `Transfer-Encoding`, `Content-Encoding`, `Trailer`, `Upgrade`'s
    /// protocols. Empty elements are left out, as RFC 9110 wants.
    ///
    /// - Throws: for an element that is no token (`allowing` one more byte, such as the slash of a protocol's version), and
    ///   for more of them than ``HTTPLimits/listElements``.
    public static func tokens(
        _ values: [ArraySlice<UInt8>], allowing extra: UInt8? = nil
    ) throws(HTTPError) -> [String] {
        var tokens: [String] = []
        for value in values {
            for element in try elements(value) {
                guard element.allSatisfy({ Octet.isToken($0) || $0 == extra }) else {
                    throw HTTPError(.malformedField, "a list with an element that is no token")
                }
                guard tokens.count < HTTPLimits.listElements else { throw tooLong }
                tokens.append(element.lowercasedText)
            }
        }
        return tokens
    }

    /// The elements of `Accept-Encoding`, with their weights. Parameters other than `q` are not kept.
    ///
    /// - Throws: for elements that are none and for more of them than ``HTTPLimits/listElements``.
    public static func weighted(_ values: [ArraySlice<UInt8>]) throws(HTTPError) -> [Weighted] {
        var found: [Weighted] = []
        for value in values {
            for element in try elements(value) {
                var parameters = ParameterReader(element)
                let token = parameters.leading(until: UInt8(ascii: ";"))
                guard !token.isEmpty, token.allSatisfy(Octet.isToken) else {
                    throw HTTPError(.malformedField, "a list with an element that is no token")
                }
                var weight = 1_000
                while let (name, value) = try parameters.next() {
                    if name == "q" { weight = try self.weight(value) }
                }
                guard found.count < HTTPLimits.listElements else { throw tooLong }
                found.append(Weighted(token: token.lowercasedText, weight: weight))
            }
        }
        return found
    }

    /// `0`, `0.5`, `1.000` (RFC 9110 §12.4.2).
    private static func weight(_ text: [UInt8]) throws(HTTPError) -> Int {
        let malformed = HTTPError(.malformedField, "a weight that is not between 0 and 1 with three digits")
        guard let first = text.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1"), text.count <= 5,
            text.count == 1 || text[1] == UInt8(ascii: "."), text.dropFirst(2).allSatisfy(Octet.isDigit)
        else { throw malformed }
        var weight = Int(first - UInt8(ascii: "0"))
        for place in 0..<3 {
            weight = weight * 10 + (text.count > 2 + place ? Int(text[2 + place] - UInt8(ascii: "0")) : 0)
        }
        guard weight <= 1_000 else { throw malformed }
        return weight
    }

    /// What stands between commas that are not within quotes, without the white space around it, but for what is empty.
    private static func elements(_ value: ArraySlice<UInt8>) throws(HTTPError) -> [ArraySlice<UInt8>] {
        var elements: [ArraySlice<UInt8>] = []
        var start = value.startIndex
        var index = start
        var quoted = false
        while index < value.endIndex {
            let byte = value[index]
            if quoted, byte == UInt8(ascii: "\\") {
                index += 1
            } else if byte == UInt8(ascii: "\"") {
                quoted.toggle()
            } else if byte == UInt8(ascii: ","), !quoted {
                elements.append(value[start..<index])
                start = index + 1
            }
            index += 1
        }
        guard !quoted, index == value.endIndex else {
            throw HTTPError(.malformedField, "a list with a quoted string that does not end")
        }
        elements.append(value[start...])
        return elements.map(OptionalWhitespace.trimmed).filter { !$0.isEmpty }
    }

    private static let tooLong = HTTPError(
        .oversizedHead, status: 431, "a list of more than \(HTTPLimits.listElements) elements")
}

/// Reads `; name=value` and `; name="quoted value"` (RFC 9110 §5.6.6).
struct ParameterReader {
    private var rest: ArraySlice<UInt8>

    init(_ value: ArraySlice<UInt8>) {
        rest = value
    }

    /// What stands before the first parameter, without the white space around it.
    mutating func leading(until separator: UInt8) -> ArraySlice<UInt8> {
        let end = rest.firstIndex(of: separator) ?? rest.endIndex
        defer { rest = rest[end...] }
        return OptionalWhitespace.trimmed(rest[..<end])
    }

    /// - Returns: The name in lower case and the value without its quotes; nil at the end. Empty parameters are left out.
    mutating func next() throws(HTTPError) -> (name: String, value: [UInt8])? {
        skipWhitespace()
        while rest.first == UInt8(ascii: ";") {
            rest.removeFirst()
            skipWhitespace()
        }
        guard !rest.isEmpty else { return nil }
        let name = rest.prefix(while: Octet.isToken)
        rest = rest[name.endIndex...]
        guard !name.isEmpty, rest.first == UInt8(ascii: "=") else {
            throw HTTPError(.malformedField, "a parameter without a name or a value")
        }
        rest.removeFirst()
        let value = rest.first == UInt8(ascii: "\"") ? try quoted() : token()
        skipWhitespace()
        guard rest.isEmpty || rest.first == UInt8(ascii: ";") else {
            throw HTTPError(.malformedField, "a parameter whose value is no token and no quoted string")
        }
        return (name.lowercasedText, value)
    }

    private mutating func token() -> [UInt8] {
        let token = rest.prefix(while: Octet.isToken)
        rest = rest[token.endIndex...]
        return Array(token)
    }

    private mutating func quoted() throws(HTTPError) -> [UInt8] {
        var value: [UInt8] = []
        rest.removeFirst()
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return value }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = rest.popFirst() else { break }
                value.append(escaped)
            } else {
                value.append(byte)
            }
        }
        throw HTTPError(.malformedField, "a quoted string that does not end")
    }

    private mutating func skipWhitespace() {
        while let first = rest.first, Octet.isWhitespace(first) { rest.removeFirst() }
    }
}

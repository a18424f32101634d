/// What a Content-Type says (RFC 9110 §8.3).
public struct MediaType: Hashable, Sendable {
    public struct Parameter: Hashable, Sendable {
        /// In lower case.
        public let name: String
        /// Without its quotes.
        public let value: [UInt8]
    }

    /// In lower case: `application`.
    public let type: String
    /// In lower case: `json`, `problem+json`.
    public let subtype: String
    public let parameters: [Parameter]

    /// - Throws: for what is no media type, and for one that says a parameter twice: recipients disagree about which counts.
    public init(_ value: some Collection<UInt8>) throws(HTTPError) {
        var reader = ParameterReader(Array(value)[...])
        let essence = reader.leading(until: UInt8(ascii: ";"))
        guard let slash = essence.firstIndex(of: UInt8(ascii: "/")) else {
            throw HTTPError(.malformedField, "a media type without a slash")
        }
        let (type, subtype) = (essence[..<slash], essence[(slash + 1)...])
        guard !type.isEmpty, !subtype.isEmpty, type.allSatisfy(Octet.isToken), subtype.allSatisfy(Octet.isToken) else {
            throw HTTPError(.malformedField, "a media type that is no two tokens")
        }
        var parameters: [Parameter] = []
        while let (name, value) = try reader.next() {
            guard !parameters.contains(where: { $0.name == name }) else {
                throw HTTPError(.malformedField, "a media type with two parameters of one name")
            }
            guard parameters.count < HTTPLimits.listElements else {
                throw HTTPError(.oversizedHead, status: 431, "a media type of many parameters")
            }
            parameters.append(Parameter(name: name, value: value))
        }
        self.type = type.lowercasedText
        self.subtype = subtype.lowercasedText
        self.parameters = parameters
    }

    /// In lower case, as charsets are compared.
    public var charset: String? { self["charset"].map { $0[...].lowercasedText } }

    /// What stands between the parts of a multipart body.
    public var boundary: [UInt8]? { self["boundary"] }

    /// What comes after the plus: `json` of `application/problem+json`.
    public var suffix: String? {
        subtype.lastIndex(of: "+").map { String(subtype[subtype.index(after: $0)...]) }
    }

    public subscript(name: String) -> [UInt8]? {
        parameters.first { $0.name == name }?.value
    }
}

extension HTTPFields {
    /// What the content is said to be.
    ///
    /// - Returns: nil where nothing is said.
    /// - Throws: for what is no media type, and for several.
    public func mediaType() throws(HTTPError) -> MediaType? {
        let values = all(named: "content-type")
        guard let value = values.first else { return nil }
        guard values.count == 1 else { throw HTTPError(.malformedField, "\(values.count) Content-Types") }
        return try MediaType(value)
    }

    /// The codings that were applied to the content, in that order, in lower case; `identity` is none.
    public func contentCodings() throws(HTTPError) -> [String] {
        try FieldList.tokens(all(named: "content-encoding")).filter { $0 != "identity" }
    }
}

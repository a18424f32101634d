import Policy

/// What is done with a model's answers besides looking into them.
struct ModelProfile: Sendable {
    let kind: Resource.Profile
    let links: ModelLinks

    init?(_ resource: Resource) {
        guard let kind = resource.profile else { return nil }
        self.kind = kind
        links = ModelLinks(hosts: resource.linkHosts)
    }
}

/// What a model's answer says of itself, for records.
struct ModelUse: Hashable, Sendable {
    /// The model that answered, by its own word.
    var model = ""
    var inputTokens: UInt64 = 0
    var outputTokens: UInt64 = 0
    /// Links that were taken out of what it said.
    var links: UInt64 = 0

    /// Longer names are cut; nobody's has as many.
    private static let longestName = 128

    /// Takes what a document says: the first model, and of counts, which some streams repeat as they grow, the largest.
    mutating func note(_ document: Span<UInt8>, _ paths: JSONPaths) {
        for value in paths.values {
            var parts = value.path.split(separator: "/")
            if let first = parts.first, first == "response" || first == "message" { parts.removeFirst() }
            switch (parts.count, parts.first) {
            case (1, "model") where value.isString && model.isEmpty:
                model = String(
                    decoding: JSONPaths.unescaped(document, value.range).prefix(Self.longestName), as: UTF8.self)
            case (2, "usage") where !value.isString:
                guard let count = Self.count(document.extracting(value.range)) else { break }
                switch parts[1] {
                case "prompt_tokens", "input_tokens": inputTokens = max(inputTokens, count)
                case "completion_tokens", "output_tokens": outputTokens = max(outputTokens, count)
                default: break
                }
            default: break
            }
        }
    }

    /// As a record says it, behind the status: ` model=… input=… output=…`; empty where nothing is known.
    var words: String {
        guard !model.isEmpty || inputTokens > 0 || outputTokens > 0 else { return "" }
        let name = model.unicodeScalars.map { $0.isASCII && $0.value > 0x20 && $0.value < 0x7F ? Character($0) : "?" }
        return " model=\(String(name)) input=\(inputTokens) output=\(outputTokens)"
    }

    private static func count(_ digits: Span<UInt8>) -> UInt64? {
        guard (1...15).contains(digits.count) else { return nil }
        var value: UInt64 = 0
        for index in 0..<digits.count {
            guard (0x30...0x39).contains(digits[index]) else { return nil }
            value = value * 10 + UInt64(digits[index] - 0x30)
        }
        return value
    }
}

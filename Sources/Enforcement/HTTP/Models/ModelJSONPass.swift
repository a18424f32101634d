import HTTPInspection
import Policy

/// A model's answer as one JSON document: masked as any is, and then without the links that lead elsewhere.
struct ModelJSONPass: BodyPass {
    /// So much of an answer is held, as links are looked for when all of it is there.
    static let longest = HTTPLimits.documentUnit

    private let profile: ModelProfile
    private var document: JSONPass
    private var held: [UInt8] = []
    private(set) var modelUse: ModelUse? = ModelUse()

    init(_ profile: ModelProfile, _ maker: BodyPassMaker) {
        self.profile = profile
        document = JSONPass(maker.masking, maker.scanner)
    }

    mutating func take(
        _ bytes: Span<UInt8>, into output: inout [UInt8], _ found: inout BodyFindings
    ) throws(BodyRefusal) {
        try document.take(bytes, into: &held, &found)
        guard held.count <= Self.longest else {
            throw BodyRefusal(status: 413, "a model's answer of more than \(Self.longest) bytes")
        }
    }

    mutating func finish(into output: inout [UInt8], _ found: inout BodyFindings) throws(BodyRefusal) {
        try document.finish(into: &held, &found)
        var use = modelUse ?? ModelUse()
        output += try ModelDocument.withoutLinks(held, profile, &use)
        modelUse = use
        held = []
    }
}

/// A document that a model's service wrote.
enum ModelDocument {
    /// Takes links out of the strings of a document, and notes what it says of itself.
    static func withoutLinks(
        _ document: [UInt8], _ profile: ModelProfile, _ use: inout ModelUse
    ) throws(BodyRefusal) -> [UInt8] {
        guard let paths = JSONPaths(document.span) else {
            throw BodyRefusal(
                status: 413, "a model's answer with more values, or more within one another, than is looked into")
        }
        use.note(document.span, paths)
        var result: [UInt8] = []
        var end = 0
        for value in paths.values where value.isString && mayLead(document, value) {
            let text = JSONPaths.unescaped(document.span, value.range)
            guard let (new, removed) = profile.links.rewrite(whole: text) else { continue }
            use.links += removed
            result += document[end..<value.range.lowerBound]
            JSONPaths.appendEscaped(new.span, to: &result)
            end = value.range.upperBound
        }
        guard end > 0 else { return document }
        return result + document[end...]
    }

    /// Whether a string may hold a link. What a field says that is an address by its name is nobody's text.
    private static func mayLead(_ document: [UInt8], _ value: JSONPaths.Value) -> Bool {
        let name = value.path.split(separator: "/").last ?? ""
        // What a tool is called with goes to the tool.
        if name == "arguments" || name == "input" || value.path.contains("/input/") { return false }
        if name == "url" || name == "file_url" || name == "image_url" || name == "b64_json" { return false }
        return document[value.range].contains {
            $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "]") || $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ".")
                || $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "&")
        }
    }
}

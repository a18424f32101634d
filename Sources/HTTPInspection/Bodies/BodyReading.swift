/// How a body is read: as what it says it is, and as what it looks like where that is something else.
public struct BodyReading: Hashable, Sendable {
    public enum Form: Hashable, Sendable {
        case json
        /// A JSON document a line.
        case jsonLines
        case eventStream
        case form
        /// Boundary and kind are the media type's.
        case multipart
        case csv
        case tabSeparated
        case xml
        case html
        case text
        /// What is not looked into.
        case opaque(Opacity)
    }

    /// Why a body is not looked into.
    public enum Opacity: Hashable, Sendable {
        /// A charset other than UTF-8 and what is part of it. Digits and letters are other bytes in some, and elsewhere in others.
        case charset
        /// Images, archives, programs: no text.
        case binary
    }

    /// What the body says it is, or what it looks like where it says nothing. Opaque where its bytes cannot be that.
    public let form: Form
    /// What the body begins like, where it says something else: a recipient that guesses, or knows better, reads it as that. It is looked
    /// at as both.
    public let alternative: Form?

    /// Bytes of a body that are looked at for this, as browsers do (WHATWG MIME Sniffing §5.2: 1,445).
    public static let window = 1_445

    /// - Parameters:
    ///   - mediaType: What the body says it is; nil where it says nothing.
    ///   - beginning: Of the opened content, ``window`` bytes of it, or all where there are fewer.
    public init(_ mediaType: MediaType?, beginning: Span<UInt8>) {
        let looks = BodySniffing(beginning)
        if let charset = mediaType?.charset, !BodyReading.isUTF8(charset) {
            self.init(form: .opaque(.charset), alternative: looks.alternative(to: .opaque(.charset)))
            return
        }
        // A multipart's parts are each looked at for themselves, and one that is no text says nothing of the others.
        if let opacity = looks.opacity, opacity == .charset || mediaType?.type != "multipart" {
            // What has a mark or zeros of UTF-16 is opaque as that, whatever it says.
            self.init(form: .opaque(opacity), alternative: nil)
            return
        }
        let form = mediaType.map(Form.init) ?? looks.form ?? .text
        self.init(form: form, alternative: looks.alternative(to: form))
    }

    init(form: Form, alternative: Form?) {
        self.form = form
        self.alternative = alternative
    }

    private static func isUTF8(_ charset: String) -> Bool {
        ["utf-8", "utf8", "us-ascii", "ascii"].contains(charset)
    }
}

extension BodyReading.Form {
    /// What a media type says.
    init(_ mediaType: MediaType) {
        let (type, subtype) = (mediaType.type, mediaType.subtype)
        switch (type, subtype) {
        case ("application", "json"), ("text", "json"), ("application", "csp-report"): self = .json
        case ("application", "x-ndjson"), ("application", "ndjson"), ("application", "jsonl"),
            ("application", "jsonlines"),
            ("application", "x-jsonlines"), ("application", "json-seq"), ("application", "json-lines"),
            ("text", "x-ndjson"):
            self = .jsonLines
        case ("text", "event-stream"): self = .eventStream
        case ("application", "x-www-form-urlencoded"): self = .form
        case ("multipart", _): self = .multipart
        case ("text", "csv"), ("application", "csv"): self = .csv
        case ("text", "tab-separated-values"): self = .tabSeparated
        case ("application", "xml"), ("text", "xml"): self = .xml
        case ("text", "html"): self = .html
        case ("text", _), ("application", "javascript"), ("application", "ecmascript"), ("application", "graphql"),
            ("application", "sql"), ("application", "yaml"), ("application", "x-yaml"), ("application", "toml"),
            ("application", "jwt"):
            self = .text
        default:
            self =
                switch mediaType.suffix {
                case "json": .json
                case "json-seq": .jsonLines
                // SVG as well: it is an image, and text.
                case "xml": .xml
                case "yaml", "jwt": .text
                default: .opaque(.binary)
                }
        }
    }
}

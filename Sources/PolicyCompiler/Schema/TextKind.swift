/// What a piece of text must be.
enum TextKind: Hashable, Sendable {
    /// For people: anything printable, newlines too.
    case prose
    /// A name that others refer to: of a resource, a rule, …
    case name
    /// An exact value from a token: a group, an audience.
    case exact
    /// `*` stands for any run of characters.
    case glob
    case filePath
    case issuerURL
    case tokenURL
    /// One scope of OAuth 2.0.
    case scope
    case listenAddress
    case upstreamAddress
    case fieldName
    case columnPattern
    case objectPattern
    case functionPattern
    case method
    case hostPattern
    case requestPathPattern
    case argumentPointer
    case jsonKey
    case regex
    case claimPath
    case sql
    case requestLine
    case host

    /// Bytes of the text, at the most. Generous, and so that no one value can make a bundle, a message or a record large.
    var maximumBytes: Int {
        switch self {
        case .prose: 1024
        case .name: 63
        case .filePath, .issuerURL, .tokenURL, .claimPath: 1024
        // The longest in use are URLs.
        case .scope: 255
        // What `Glob` takes.
        case .exact, .glob: 512
        case .listenAddress, .upstreamAddress: 300
        case .fieldName, .method: 64
        // A name of DNS has 253.
        case .hostPattern, .host: 255
        // What `Glob` takes.
        case .requestPathPattern, .argumentPointer: 512
        // An identifier of PostgreSQL has 63 bytes.
        case .columnPattern, .objectPattern, .functionPattern: 255
        // What `JSONKeyTable` compares.
        case .jsonKey: 128
        // In bytes what `RegexLimits` says in characters.
        case .regex: 4 * RegexLimits.patternLength
        case .sql: 65_536
        case .requestLine: 8_192
        }
    }

    /// What it is, for the reference.
    var meaning: String {
        switch self {
        case .prose: "text"
        case .name: "name"
        case .exact: "text, exactly"
        case .glob: "text, `*` for any run of characters"
        case .filePath: "absolute path"
        case .issuerURL, .tokenURL: "URL"
        case .scope: "scope of OAuth"
        case .listenAddress: "`127.0.0.1:port`, `[::1]:port`, `localhost:port` or `unix:/path`"
        case .upstreamAddress:
            "`host:port`; of http `https://host`, `http://host`, with a port or without; of mcp with a path besides"
        case .fieldName: "name of a header field"
        case .columnPattern: "`schema.table.column`, `*` in any part"
        case .objectPattern: "`schema.table`, `*` in any part"
        case .functionPattern: "`function` or `schema.function`, `*` in any part"
        case .method: "method, in upper case"
        case .hostPattern: "host, `*` for any run of letters, dots too"
        case .argumentPointer: "JSON pointer, `*` for any element or member"
        case .requestPathPattern: "path, `*` in any segment, `**` for any number of segments at the end"
        case .jsonKey: "key of JSON, in any case"
        case .regex: "regular expression"
        case .claimPath: "claim, dots descend into objects"
        case .sql: "SQL"
        case .requestLine: "method, space, target"
        case .host: "host"
        }
    }

    /// A regular expression for editors; looser than ``fault(in:)``, never stricter.
    var editorPattern: String? {
        switch self {
        case .name: "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
        case .filePath: "^/"
        case .issuerURL, .tokenURL: "^https?://"
        case .scope: "^[!#-\\[\\]-~]+$"
        case .listenAddress: "^(127\\.[0-9.]+:[0-9]+|\\[::1\\]:[0-9]+|localhost:[0-9]+|unix:/.+)$"
        case .upstreamAddress: "^(.+:[0-9]+|https?://[^?#@]+)$"
        case .fieldName: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"
        case .columnPattern: "^[^.]+\\.[^.]+\\.[^.]+$"
        case .objectPattern: "^[^.]+\\.[^.]+$"
        case .method: "^[A-Z0-9!#$%&'*+.^_`|~-]+$"
        case .requestPathPattern, .argumentPointer: "^/"
        case .requestLine: "^[^ ]+ [^ ]+$"
        default: nil
        }
    }

    struct Fault: Error {
        var message: String
        var suggestion: String?

        init(_ message: String, _ suggestion: String? = nil) {
            self.message = message
            self.suggestion = suggestion
        }
    }

    /// - Returns: what is wrong with `text`, or `nil`.
    func fault(in text: String) -> Fault? {
        if text.isEmpty { return Fault("the text is empty", "leave the key out, or say what is meant") }
        if text.utf8.count > maximumBytes {
            return Fault("the text has \(text.utf8.count) bytes, and at most \(maximumBytes) are read")
        }
        let multiline = self == .prose || self == .sql
        if text.unicodeScalars.contains(where: { scalar in
            // C0, DEL and C1: none can be typed on purpose, and NUL would end a C string early.
            (scalar.value < 0x20 && !(multiline && "\n\t".unicodeScalars.contains(scalar)))
                || (0x7F...0x9F).contains(scalar.value)
        }) {
            return Fault("the text holds a control character")
        }
        switch self {
        case .prose, .exact, .jsonKey, .regex, .claimPath, .sql: return nil
        case .glob: return TextFaults.subjectGlob(text)
        case .name: return TextFaults.name(text)
        case .filePath: return TextFaults.filePath(text)
        case .issuerURL: return TextFaults.issuerURL(text)
        case .tokenURL: return OAuthFaults.tokenURL(text)
        case .scope: return OAuthFaults.scope(text)
        case .listenAddress: return TextFaults.listenAddress(text)
        // Which of its two forms it must have is told by the protocol, see `ResourceCheck`.
        case .upstreamAddress: return nil
        case .fieldName: return RequestFaults.fieldName(text)
        case .columnPattern: return TextFaults.pattern(text, parts: ["schema", "table", "column"])
        case .objectPattern: return TextFaults.pattern(text, parts: ["schema", "table"])
        case .functionPattern: return TextFaults.functionPattern(text)
        case .requestLine: return RequestFaults.requestLine(text)
        case .host: return RequestFaults.host(text)
        case .method: return RequestFaults.method(text)
        case .hostPattern: return RequestFaults.hostPattern(text)
        case .requestPathPattern: return RequestFaults.pathPattern(text)
        case .argumentPointer: return CallFaults.pointer(text)
        }
    }
}

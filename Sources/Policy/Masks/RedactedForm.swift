/// The redacted value of each kind. Whoever reads it can tell that something was there; where a kind has no value that
/// could not be taken for a real one, it is NULL.
public enum RedactedForm {
    /// Stands for a redacted text.
    public static let text = "[redacted]"
    /// Stands for a redacted UUID.
    public static let uuid = "00000000-0000-0000-0000-000000000000"
    /// Stands for a redacted JSON value.
    public static let json = "\"[redacted]\""
    /// Stands for redacted bytes: ``text`` in PostgreSQL's hexadecimal form.
    public static let bytes = "\\x5b72656461637465645d"
    /// Stands for redacted XML.
    public static let xml = "<redacted/>"

    /// The redacted form of a kind; `nil` where that is NULL.
    public static func of(_ kind: ValueKind) -> String? {
        switch kind {
        case .text: text
        case .uuid: uuid
        case .json, .jsonb: json
        case .bytes: bytes
        case .xml: xml
        case .array(let element):
            switch element {
            // Quotes and backslashes are doubled up as array literals want it.
            case .text: "{\"[redacted]\"}"
            case .json, .jsonb: "{\"\\\"[redacted]\\\"\"}"
            case .bytes: "{\"\\\\x5b72656461637465645d\"}"
            case .uuid: "{\(uuid)}"
            case .xml: "{\"<redacted/>\"}"
            default: nil
            }
        case .integer, .decimal, .float, .boolean, .date, .time, .timestamp, .timestampWithZone, .interval, .network,
            .money, .bit, .enumeration, .other:
            nil
        }
    }

    static func append(_ kind: ValueKind, to output: inout [UInt8]) -> MaskedResult {
        guard let form = of(kind) else { return .null }
        output.append(contentsOf: form.utf8)
        return .text
    }
}

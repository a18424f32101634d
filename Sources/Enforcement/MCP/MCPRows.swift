import HTTPInspection
import Policy

/// What a server's message lists: of what is structured the elements of its lists, of pieces of content each for itself, whichever are more,
/// since they say the same twice; and whatever else stands in it.
enum MCPRows {
    private static let content = ["content", "contents", "messages"]

    /// - Parameter value: a result, an error, or what a notification says.
    static func count(_ value: ArgumentValue) -> UInt64 {
        guard case .object(let members) = value else { return listed(value) }
        var (structured, content, rest) = (UInt64(0), UInt64(0), UInt64(0))
        for member in members {
            switch member.name {
            case "structuredContent": structured += rows(of: member.value.json)
            case _ where Self.content.contains(member.name):
                content += (member.value.elements ?? [member.value]).reduce(0) { $0 + rows(of: $1) }
            default: rest += listed(member.value)
            }
        }
        return max(structured, content) + rest
    }

    /// Of a piece of content, its texts, whatever else it holds; one where it has none.
    private static func rows(of item: ArgumentValue) -> UInt64 {
        var count: UInt64 = 0
        var values = [item]
        while let value = values.popLast() {
            for member in value.members ?? [] {
                if member.name == "text", let text = member.value.stringValue {
                    count += rows(ofText: text)
                } else {
                    values += [member.value]
                }
            }
            values += value.elements ?? []
        }
        return max(1, count)
    }

    /// A text that is JSON lists what that lists, any other its lines.
    private static func rows(ofText text: String) -> UInt64 {
        let bytes = Array(text.utf8)
        if TextMasker.beginsLikeJSON(bytes.span) { return max(1, rows(of: bytes)) }
        let lines = text.split(whereSeparator: \.isNewline).count { $0.contains { !$0.isWhitespace } }
        return UInt64(max(1, lines))
    }

    /// Of what is no content: the elements of its lists, and nothing where it has none.
    private static func listed(_ value: ArgumentValue) -> UInt64 {
        counter(of: value.json)?.listed ?? 0
    }

    private static func rows(of json: [UInt8]) -> UInt64 { counter(of: json)?.rows ?? 0 }

    private static func counter(of json: [UInt8]) -> RowCounter? {
        var counter = RowCounter(.json, isModel: false)
        counter?.take(json.span)
        return counter
    }
}

import HTTPInspection
import Policy

/// What a server's result lists: of what is structured the elements of its lists, of pieces of content each for itself, whichever are more:
/// they say the same twice.
enum MCPRows {
    static func count(_ result: ArgumentValue) -> UInt64 {
        let structured = result["structuredContent"].map { rows(of: $0.json) } ?? 0
        var content: UInt64 = 0
        for list in ["content", "contents", "messages"] {
            for item in result[list]?.elements ?? [] { content += rows(of: item) }
        }
        return max(structured, content)
    }

    /// Of a piece of content: a text is what it holds, where that is JSON, and one where it is not; so is a resource.
    private static func rows(of item: ArgumentValue) -> UInt64 {
        let inner = item["resource"] ?? item["content"] ?? item
        guard let text = inner["text"]?.stringValue, TextMasker.beginsLikeJSON(Array(text.utf8).span) else { return 1 }
        return max(1, rows(of: Array(text.utf8)))
    }

    private static func rows(of json: [UInt8]) -> UInt64 {
        var counter = RowCounter(.json, isModel: false)
        counter?.take(json.span)
        return counter?.rows ?? 0
    }
}

import HTTPInspection
import Policy

/// Maps requests to what policy knows.
enum HTTPOperation {
    static func make(
        resource: String, method: HTTPMethod, host: String, port: UInt16? = nil, segments: [String], features: Features
    ) -> Operation {
        Operation(
            resource: resource,
            // An answer shows something, whatever the method.
            accesses: [
                Access(verb: Verb(requestMethod: method.description), object: ObjectPath(segments), shownRows: 1)
            ],
            features: features, request: RequestFacts(method: method.description, host: host, port: port))
    }
}

/// What is true of a request besides its method and its path.
enum HTTPFeatures {
    static func features(
        of head: HTTPRequestHead, _ framing: HTTPBodyFraming, path: HTTPPath
    ) throws(HTTPError) -> Features {
        var features: Features = []
        if !path.ambiguities.isEmpty { features.insert(.ambiguousPath) }
        if head.fields.contains("range") { features.insert(.range) }
        if head.connection.contains(.upgrade) { features.insert(.upgrade) }
        if WebSocketHandshake.isAsked(by: head) { features.insert(.webSocket) }
        if try isUpload(head, framing) { features.insert(.upload) }
        return features
    }

    /// Whether a request brings a file, as far as its head tells: a body in parts, or one that is neither text nor a form.
    private static func isUpload(_ head: HTTPRequestHead, _ framing: HTTPBodyFraming) throws(HTTPError) -> Bool {
        guard framing != .none, framing != .length(0), let type = try head.fields.mediaType() else { return false }
        if type.type == "text" { return false }
        guard type.type == "application" else { return true }
        let texts = [
            "json", "xml", "x-www-form-urlencoded", "x-ndjson", "ndjson", "javascript", "graphql", "yaml", "toml",
            "sql",
        ]
        return !texts.contains(type.subtype) && !(type.suffix.map { ["json", "xml", "yaml"].contains($0) } ?? false)
    }
}

/// docs/openapi.yaml, as it is served.
enum OpenAPIDocument {
    static let yaml = ""
}

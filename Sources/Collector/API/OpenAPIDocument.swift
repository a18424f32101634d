/// docs/openapi.yaml, compiled in: what is served is what is documented.
enum OpenAPIDocument {
    static var yaml: String { String(decoding: PackageResources.openapi_yaml, as: UTF8.self) }
}

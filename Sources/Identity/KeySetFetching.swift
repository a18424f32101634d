/// Where the verifier gets documents from. The runtime that links this module brings an HTTP client and a file system;
/// tests bring their own.
public protocol KeySetFetching: Sendable {
    /// - Throws: any error, with a description that names what was unreachable and says why; it is shown to operators.
    func fetch(_ location: KeySetLocation) async throws -> FetchedDocument
}

public enum KeySetLocation: Hashable, Sendable {
    /// GET of an absolute URL. `caFile` is a PEM bundle; the system's when `nil`. Redirects are not followed.
    case url(String, caFile: String?)
    case file(String)
}

public struct FetchedDocument: Sendable {
    /// At most ``maximumBytes``; a fetcher stops reading there and throws.
    public var body: [UInt8]
    /// `Cache-Control: max-age`, in seconds, where the answer had one.
    public var maxAge: Int64?

    /// 1 MiB: a JWK set of hundreds of keys is below 200 KiB.
    public static let maximumBytes = 1 << 20

    public init(body: [UInt8], maxAge: Int64? = nil) {
        self.body = body
        self.maxAge = maxAge
    }

    /// - Parameter cacheControl: the answer's Cache-Control fields, of which `max-age` is read (RFC 9111 §5.2.2.1).
    public init(body: [UInt8], cacheControl: [String]) {
        let directives = cacheControl.flatMap { $0.split(separator: ",") }.map { $0.filter { $0 != " " }.lowercased() }
        let age = directives.first { $0.hasPrefix("max-age=") }.flatMap { Int64($0.dropFirst(8)) }
        self.init(body: body, maxAge: age)
    }
}

/// The greatest lengths that are taken, and why.
public enum HTTPLimits {
    /// Browsers and servers stop at 8 KiB; APIs with long queries (search, GraphQL by GET) go somewhat further.
    public static let target = 16 << 10
    /// Start line and fields, or a trailer section. Servers take 8 to 64 KiB; tokens and cookies are a few kilobytes each.
    public static let head = 64 << 10
    /// Servers take about 100; a proxy in front of them must not be the one that says no.
    public static let fields = 200
    /// Of a field's name: nothing that is in use has a hundred.
    public static let fieldName = 256
    /// Of a method: IANA's longest registered one has 16 letters.
    public static let method = 32
    /// Elements of a list in a field, and parameters of one: a handful are in use.
    public static let listElements = 64
    /// Digits of a chunk's size: those of 64 bits. More could only be zeros, which nobody writes but to confuse.
    public static let chunkSizeDigits = 16
    /// Bytes of one chunk's extensions. They mean nothing to anybody and are not passed on.
    public static let chunkExtension = 256
    /// Bytes of the extensions of all chunks of a message: each makes a byte of content cost many.
    public static let chunkExtensions = 16 << 10
    /// Responses before the response: a server says 100 once, 103 a few times, and 102 now and then.
    public static let interimResponses = 16
    /// Pairs of a query or a form: what frameworks take (PHP 1,000, Django 1,000, Rack 4,096).
    public static let queryPairs = 1_000
    /// A domain name as text (RFC 1035 §2.3.4).
    public static let hostName = 253
    /// A label of a domain name.
    public static let hostLabel = 63
}

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
    /// Content codings of one message. Nobody applies more than one but by mistake, and a server behind a cache sometimes makes it.
    public static let contentCodings = 2
    /// Bytes of content that are opened at once.
    public static let contentWindow = 64 << 10
    /// How many bytes of content one coded byte may come to. Text, logs and JSON come to 3 to 30, long runs of one record to
    /// some 200; what comes to more (DEFLATE can do 1,032, the others a million) is made to.
    public static let expansion = 256
    /// Bytes of content that are taken whatever ``expansion`` says: a short body of zeros hurts nobody.
    public static let freeExpansion = 1 << 20
    /// Of a Zstandard frame's window, as a power of two: what RFC 9659 §3 allows where it is a content coding, 8 MiB.
    public static let zstandardWindow = 23
    /// Bytes of a WebSocket's message, which is put together before it is looked into.
    public static let webSocketMessage = 1 << 20
    /// Bytes of what is looked at as a whole in a body: an event, a line, a pair, a record of a table. An answer of a tool is one event, pictures in
    /// it included; each stream holds it twice at the most.
    public static let documentUnit = 4 << 20
    /// Cells of a record of a table: what spreadsheets have.
    public static let columns = 16_384
    /// Parts of a multipart body: what frameworks take at the most (Django 1,000, Starlette 1,000 and as many fields).
    public static let parts = 1_000
    /// Multiparts within each other: several files of one field of a form, and no deeper.
    public static let multipartDepth = 2
}

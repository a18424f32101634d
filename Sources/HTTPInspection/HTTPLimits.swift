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
}

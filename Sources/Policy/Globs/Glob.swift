/// A pattern over names: the one definition of what `*` means in a policy.
///
/// A **path glob** (objects, columns, functions) is a list of components with dots between them, and matches a path with
/// as many components:
/// - `*` matches any run of characters, the empty run too, within one component: `lo_*`, `*_ssn`, `a*b`;
/// - a component that is `*` alone matches any whole component: `shop.*`, `*.*.email`;
/// - a glob that is `*` alone matches every path, of any number of components but none;
/// - `"…"` takes a component literally, dots and asterisks included; `""` in it is one quote: `shop."odd.name".*`.
///
/// A **text glob** (subjects, actors) is one component, whatever is in it: dots and quotes are characters like any other,
/// and `*` matches any run. An **exact** one (groups) has no wildcards at all.
///
/// A **request path glob** is written as a path is, `/v1/customers/*/orders`, its segments percent-decoded: `*` matches any run of
/// characters within one segment, and a last segment that is `**` matches any number of them, also none. It matches the
/// segments of ``NamePath/init(requestPath:)``.
///
/// A **host glob** is a text glob in lower case.
///
/// Globs compare bytes: case counts, and so does the composition of letters. Names arrive as the server makes them (in
/// PostgreSQL, folded to lower case unless they were quoted).
public struct Glob: Hashable, Sendable {
    /// PostgreSQL's names have at most 63 bytes, and other identifiers (SPIFFE ids, e-mail addresses) under 320.
    public static let maximumLength = 512
    /// database.schema.relation.column and as much again.
    public static let maximumComponents = 8
    /// Of a request path glob. APIs nest resources four or five deep, with an id for each.
    public static let maximumSegments = 24
    public static let maximumWildcards = 15

    /// The form in which a bundle holds it and in which it is matched, see ``GlobPattern``.
    let encoded: [UInt8]

    /// - Throws: ``GlobError`` when `text` is no path glob.
    public init(path text: String) throws(GlobError) {
        try Glob.checkLength(text)
        if text.utf8.allSatisfy({ $0 == UInt8(ascii: "*") }) {
            encoded = GlobPattern.encode([])
            return
        }
        var parser = GlobParser(text)
        encoded = GlobPattern.encode(try parser.components())
    }

    /// - Throws: ``GlobError`` when `text` is no text glob.
    public init(text: String) throws(GlobError) {
        try Glob.checkLength(text)
        var component = GlobParser.Component()
        for byte in text.utf8 {
            component.append(byte)
        }
        guard component.segments.count <= Glob.maximumWildcards + 1 else {
            throw GlobError(.tooManyWildcards, in: text)
        }
        encoded = GlobPattern.encode([component.segments])
    }

    /// A glob that matches the one component `text` and nothing else.
    ///
    /// - Throws: ``GlobError`` when `text` is empty, too long or holds control characters.
    public init(exact text: String) throws(GlobError) {
        try Glob.checkLength(text)
        encoded = GlobPattern.encode([[Array(text.utf8)]])
    }

    /// - Throws: ``GlobError`` when `text` is no request path glob.
    public init(requestPath text: String) throws(GlobError) {
        try Glob.checkLength(text)
        encoded = try RequestPathGlob.encode(text)
    }

    /// - Throws: ``GlobError`` when `text` is no host glob.
    public init(host text: String) throws(GlobError) {
        try self.init(text: NamePath.lowercased(text))
    }

    private static func checkLength(_ text: String) throws(GlobError) {
        if text.isEmpty { throw GlobError(.empty, in: text) }
        if text.utf8.count > maximumLength { throw GlobError(.tooLong, in: text) }
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { throw GlobError(.controlCharacter, in: text) }
    }

    /// How many components a path must have to match; `nil` when any number will do.
    public var componentCount: Int? {
        encoded.first.flatMap { $0 == 0 || GlobPattern.isOpen($0) ? nil : Int($0) }
    }

    /// Whether there is one path at most that it matches.
    public var isExact: Bool {
        componentCount != nil && GlobPattern.components(of: encoded).allSatisfy { $0.count == 1 }
    }

    public func matches(path components: [String]) -> Bool {
        matches(NamePath(components))
    }

    /// - Parameter segments: what stands between the slashes, percent-decoded once; none for `/`.
    public func matches(requestPath segments: [String]) -> Bool {
        matches(NamePath(requestPath: segments))
    }

    public func matches(host: String) -> Bool {
        matches(NamePath(host: host))
    }

    public func matches(text: String) -> Bool {
        matches(NamePath(text: text))
    }

    /// Whether it names the function in the `functions` of a rule's condition.
    ///
    /// A glob of one component names a function in whatever schema it lies, since an extension's functions lie wherever
    /// it was installed: `dblink*` matches `dblink` and `public.dblink_exec`.
    public func matches(anySchemaFunction name: String) -> Bool {
        let path = NamePath(function: name)
        return matches(path) || path.unqualified.map(matches) ?? false
    }

    /// Whether it names the function in the `functions` that a rule vouches for.
    ///
    /// A glob of one component names the server's own functions only: were it to match in any schema, whoever may create
    /// a function in some schema of their own could have it vouched for by giving it a trusted name.
    public func matches(vouchedFunction name: String) -> Bool {
        matches(NamePath(function: name))
    }

    func matches(_ path: NamePath) -> Bool {
        GlobPattern.matches(ArrayBytes(bytes: encoded), path)
    }
}

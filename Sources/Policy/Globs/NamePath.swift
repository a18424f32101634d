/// A name in parts, as bytes: the form in which names are matched.
///
/// Bytes, since `String` calls the composed and the decomposed form of a letter equal, and no server does.
struct NamePath: Hashable, Sendable {
    var components: [[UInt8]]

    init(_ components: [String]) {
        self.components = components.map { Array($0.utf8) }
    }

    init(components: [[UInt8]]) {
        self.components = components
    }

    /// A name that is one component whatever is in it: a token's `sub`, a group.
    init(text: String) {
        components = [Array(text.utf8)]
    }

    /// A function as operations name it: `schema.name`, or the bare name for the server's own.
    init(function: String) {
        components = function.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Array.init)
    }

    /// A request's path: an empty component for what stands before the first slash, and the segments.
    init(requestPath segments: [String]) {
        components = [[]] + segments.map { Array($0.utf8) }
    }

    /// A host, in any case.
    init(host: String) {
        self.init(text: NamePath.lowercased(host))
    }

    /// With the letters of ASCII in lower case: other ones no host has.
    static func lowercased(_ text: String) -> String {
        guard text.utf8.contains(where: { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) else { return text }
        return String(
            decoding: text.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 },
            as: UTF8.self)
    }

    /// The last component alone; `nil` when that is all there is.
    var unqualified: NamePath? {
        guard components.count > 1, let last = components.last else { return nil }
        return NamePath(components: [last])
    }

    func appending(_ component: String) -> NamePath {
        NamePath(components: components + [Array(component.utf8)])
    }
}

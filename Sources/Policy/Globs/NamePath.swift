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

    /// The last component alone; `nil` when that is all there is.
    var unqualified: NamePath? {
        guard components.count > 1, let last = components.last else { return nil }
        return NamePath(components: [last])
    }

    func appending(_ component: String) -> NamePath {
        NamePath(components: components + [Array(component.utf8)])
    }
}

/// A file of policy.
public struct PolicySource: Hashable, Sendable {
    /// As diagnostics name it.
    public var name: String
    public var bytes: [UInt8]

    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    public init(name: String, text: String) {
        self.init(name: name, bytes: Array(text.utf8))
    }
}

/// A policy that does not compile, with everything that is wrong with it.
public struct PolicyFaults: Error, Hashable, Sendable, CustomStringConvertible {
    /// In the order of the source; at least one is an error.
    public var diagnostics: [Diagnostic]

    public init(diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }

    public var description: String { diagnostics.map(\.description).joined(separator: "\n") }

    /// The first error, in one line: for a log or a status where there is room for no more.
    public var summary: String {
        let errors = diagnostics.filter { $0.severity == .error }
        let first = errors.first.map { $0.description.prefix { $0 != "\n" } } ?? "the policy does not compile"
        return errors.count > 1 ? "\(first) (and \(errors.count - 1) more)" : String(first)
    }
}

public import Policy

/// A file of test cases: what a policy must say of some statements and requests.
public struct PolicyTestSuite: Sendable {
    /// A table that statements meet.
    public struct Table: Hashable, Sendable {
        public var schema: String
        public var name: String
        public var columns: [String]

        public init(schema: String, name: String, columns: [String]) {
            self.schema = schema
            self.name = name
            self.columns = columns
        }
    }

    /// What is asked.
    public enum Asked: Hashable, Sendable {
        case statement(sql: String)
        /// - Parameter host: `nil`: the upstream's.
        case request(method: String, target: String, host: String?)
        /// Of a tool, a resource or a prompt (``CallFacts``).
        case call(kind: String, name: String, arguments: ArgumentValue)
    }

    public struct Case: Sendable {
        public var name: String
        public var location: SourceLocation
        public var subject: Subject
        public var resource: String
        public var asked: Asked
        public var outcome: Verdict.Outcome
        /// Rules that must be among those that decide; empty: whichever.
        public var rules: [String]
        /// `nil`: whatever it is.
        public var message: String?
        /// The result's columns that must come back masked, and no others; `nil`: not looked at.
        public var masked: [String]?
        /// The budgets that the rows count in, and no others; `nil`: not looked at.
        public var budgets: [String]?
    }

    /// The name of the file, or of the cases where they have one.
    public var name: String
    /// `nil`: columns are taken as statements write them.
    public var catalog: [Table]?
    public var searchPath: [String]
    public var cases: [Case]

    /// Reads the test documents among `files`; a policy's own documents are passed over.
    ///
    /// - Parameter model: the policy that the cases are about: what they name must be in it. `nil`: there is none to look into.
    /// - Throws: everything that is wrong.
    public static func read(_ files: [PolicySource], for model: PolicyModel?) throws(PolicyFaults) -> [PolicyTestSuite]
    {
        var sink = DiagnosticSink()
        var suites: [PolicyTestSuite] = []
        for file in files.sorted(by: { $0.name < $1.name }) {
            let (documents, _) = YAMLReader.read(file.bytes, file: file.name, into: &sink)
            for document in documents where document.kind == TestShapes.kind {
                var decoder = TestDecoder(model: model, file: file.name, sink: sink)
                if let suite = decoder.suite(from: document) { suites.append(suite) }
                sink = decoder.checker.sink
            }
        }
        guard sink.errorCount == 0 else { throw PolicyFaults(diagnostics: sink.sorted) }
        return suites
    }

    /// Whether the files hold test cases and no part of a policy.
    public static func areAlone(in files: [PolicySource]) -> Bool {
        var sink = DiagnosticSink()
        let documents = files.flatMap { YAMLReader.read($0.bytes, file: $0.name, into: &sink).0 }
        return !documents.isEmpty && documents.allSatisfy { $0.kind == TestShapes.kind }
    }
}

extension YAMLNode {
    /// What the document says that it is.
    var kind: String? {
        guard case .mapping(let entries) = content,
            let value = entries.first(where: { $0.key.value == "kind" })?.value,
            case .scalar(let scalar) = value.content
        else { return nil }
        return scalar.text
    }
}

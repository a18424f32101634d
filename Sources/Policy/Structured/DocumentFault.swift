/// Why a document is not read to its end: it is no JSON text (RFC 8259), or one of two readings, or there is more of something than is
/// taken. It quotes nothing of the document.
public struct DocumentFault: Error, Hashable, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable {
        private enum Value: Hashable, Sendable { case malformed, truncated, notUTF8, tooDeep, duplicateName, tooLong }

        private let value: Value

        /// What is no JSON text.
        public static let malformed = Code(value: .malformed)
        /// It ends before its end.
        public static let truncated = Code(value: .truncated)
        /// A string with bytes that are not UTF-8.
        public static let notUTF8 = Code(value: .notUTF8)
        /// More arrays and objects within one another than are taken.
        public static let tooDeep = Code(value: .tooDeep)
        /// Two members of an object with one name: recipients disagree about which counts.
        public static let duplicateName = Code(value: .duplicateName)
        /// A value or a name that is too long, or more names than are kept.
        public static let tooLong = Code(value: .tooLong)
    }

    public let code: Code
    /// For a person.
    public let reason: String

    init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    public var description: String { reason }

    static let malformed = DocumentFault(.malformed, "it is not JSON")
    static let truncated = DocumentFault(.truncated, "the JSON ends before its end")
    static let notUTF8 = DocumentFault(.notUTF8, "JSON with a string that is not UTF-8")
}

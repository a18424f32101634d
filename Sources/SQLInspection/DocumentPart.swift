/// What a value has of a document: of a value of json, jsonb or hstore, or of a text that was cast to one. A document holds
/// values under keys, and whoever takes one out leaves its key behind: so it is told from the statement.
public struct DocumentPart: Hashable, Sendable {
    /// What the value still shows of the keys.
    enum Form: UInt8, Hashable, Sendable, Comparable {
        /// One value with no keys in it: a number, a truth value, a date.
        case none
        /// A document, with the keys in their places.
        case json
        /// An hstore, with the keys in their places. As text, or in an array, nobody reads them.
        case pairs
        /// The text of a document, whole; or a text that may be one, since what is under a key may be a document again.
        case text
        /// An array of documents, or of their texts. As text, it shows them with quotes that nobody reads.
        case array
        /// A row that a document is a column of. As text, it shows documents with quotes that nobody reads.
        case record

        static func < (a: Form, b: Form) -> Bool { a.rawValue < b.rawValue }
    }

    /// The constant keys that the ways to it name, ascending, no duplicates.
    public private(set) var keys: [String]
    /// The one of them that the value stands under, where it is that value, unchanged.
    public internal(set) var key: String?
    /// Under which keys it stands, or what of them it holds, cannot be told from the statement.
    public internal(set) var isUntold: Bool
    var form: Form

    init(_ form: Form) {
        keys = []
        isUntold = false
        self.form = form
    }

    /// Goes to what stands under the keys, the innermost last; `nil`: under some key.
    mutating func take(_ path: [String]?, as form: Form) {
        self.form = form
        guard let path else {
            isUntold = true
            key = nil
            return
        }
        for name in path { insert(name) }
        // An index goes to an element of what is under the key.
        key = path.last
    }

    mutating func insert(_ name: String) {
        if let index = keys.firstIndex(where: { !($0 < name) }) {
            if keys[index] != name { keys.insert(name, at: index) }
        } else {
            keys.append(name)
        }
    }

    /// The value becomes something that is computed from it, and still shows the keys that it showed.
    mutating func reshape(_ form: Form? = nil) {
        key = nil
        if let form { self.form = form }
    }

    /// A part of the value is taken by something other than its keys, or the whole is measured by another value.
    mutating func cut() {
        if form != .none { isUntold = true }
        form = .none
        key = nil
    }

    mutating func merge(_ other: DocumentPart) {
        if key != other.key { key = nil }
        for name in other.keys { insert(name) }
        isUntold = isUntold || other.isUntold
        form = max(form, other.form)
    }

    /// As a column of a result; `nil` where it shows every key that it was told by.
    var shown: DocumentPart? {
        var part = self
        if form == .record { part.cut() }
        return part.keys.isEmpty && !part.isUntold ? nil : part
    }
}

/// What stands under a key of a column's documents decides something.
public struct DocumentUse: Hashable, Sendable {
    public var column: BaseColumn
    /// `nil` where it cannot be told under which.
    public var key: String?
    /// ``RelationAccess/Use/lookup`` or ``RelationAccess/Use/predicate``.
    public var use: RelationAccess.Use

    public init(column: BaseColumn, key: String?, use: RelationAccess.Use) {
        self.column = column
        self.key = key
        self.use = use
    }
}

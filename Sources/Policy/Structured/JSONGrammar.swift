/// What may come next in a JSON text (RFC 8259). Iterative: what is open is a stack of bits, not of calls.
struct JSONGrammar: Sendable {
    /// Arrays and objects within one another at the most: what parsers take (Python's 1,000 calls, .NET's 64, Jackson's 1,000).
    static let maxDepth = 512

    enum Expectation: BitwiseCopyable { case value, valueOrEnd, nameOrEnd, name, colon, commaOrEnd, end }

    private(set) var expected = Expectation.value
    private var isObject: [Bool] = []

    var depth: Int { isObject.count }

    /// Whether a string that comes now is a member's name.
    @inline(__always)
    var expectsName: Bool { expected == .name || expected == .nameOrEnd }

    /// Whether the text may be over.
    var isComplete: Bool { expected == .end }

    mutating func reset() {
        expected = .value
        isObject.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    private var afterValue: Expectation { isObject.isEmpty ? .end : .commaOrEnd }

    mutating func accept(_ kind: JSONTokens.Kind) throws(DocumentFault) {
        switch kind {
        case .string:
            if expectsName {
                expected = .colon
                return
            }
            try acceptScalar()
        case .number, .literal: try acceptScalar()
        case .colon:
            guard expected == .colon else { throw .malformed }
            expected = .value
        case .comma:
            guard expected == .commaOrEnd, let isObject = isObject.last else { throw .malformed }
            expected = isObject ? .name : .value
        case .openObject, .openArray:
            guard expected == .value || expected == .valueOrEnd else { throw .malformed }
            guard isObject.count < JSONGrammar.maxDepth else {
                throw DocumentFault(.tooDeep, "JSON of more than \(JSONGrammar.maxDepth) levels")
            }
            isObject.append(kind == .openObject)
            expected = kind == .openObject ? .nameOrEnd : .valueOrEnd
        case .closeObject:
            guard expected == .commaOrEnd || expected == .nameOrEnd, isObject.popLast() == true else {
                throw .malformed
            }
            expected = afterValue
        case .closeArray:
            guard expected == .commaOrEnd || expected == .valueOrEnd, isObject.popLast() == false else {
                throw .malformed
            }
            expected = afterValue
        case .invalid: throw .malformed
        }
    }

    @inline(__always)
    private mutating func acceptScalar() throws(DocumentFault) {
        guard expected == .value || expected == .valueOrEnd else { throw .malformed }
        expected = afterValue
    }
}

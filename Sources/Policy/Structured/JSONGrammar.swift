/// What may come next in a JSON text (RFC 8259). Iterative: what is open is a stack of bits, not of calls.
struct JSONGrammar: Sendable {
    /// Arrays and objects within one another at the most: what parsers take (Python's 1,000 calls, .NET's 64, Jackson's 1,000).
    static let maxDepth = 512

    enum Expectation: BitwiseCopyable { case value, valueOrEnd, nameOrEnd, name, colon, commaOrEnd, end }

    private(set) var expected = Expectation.value
    private(set) var depth = 0
    /// For each of the innermost 64 levels whether it is an object, the innermost last; those further out, in words of 64.
    private var isObject: UInt64 = 0
    private var outer: [UInt64] = []

    /// Whether a string that comes now is a member's name.
    @inline(__always)
    var expectsName: Bool { expected == .name || expected == .nameOrEnd }

    /// Whether the text may be over.
    var isComplete: Bool { expected == .end }

    mutating func reset() {
        expected = .value
        depth = 0
        isObject = 0
        outer.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    private var afterValue: Expectation { depth == 0 ? .end : .commaOrEnd }

    @inline(__always)
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
            guard expected == .commaOrEnd, depth > 0 else { throw .malformed }
            expected = isObject & 1 != 0 ? .name : .value
        case .openObject, .openArray:
            guard expected == .value || expected == .valueOrEnd else { throw .malformed }
            guard depth < JSONGrammar.maxDepth else {
                throw DocumentFault(.tooDeep, "JSON of more than \(JSONGrammar.maxDepth) levels")
            }
            if depth & 63 == 0, depth > 0 { outer.append(isObject) }
            isObject = isObject << 1 | (kind == .openObject ? 1 : 0)
            depth &+= 1
            expected = kind == .openObject ? .nameOrEnd : .valueOrEnd
        case .closeObject:
            guard expected == .commaOrEnd || expected == .nameOrEnd, depth > 0, isObject & 1 != 0 else {
                throw .malformed
            }
            close()
        case .closeArray:
            guard expected == .commaOrEnd || expected == .valueOrEnd, depth > 0, isObject & 1 == 0 else {
                throw .malformed
            }
            close()
        case .invalid: throw .malformed
        }
    }

    @inline(__always)
    private mutating func close() {
        depth &-= 1
        isObject >>= 1
        if depth & 63 == 0, depth > 0 { isObject = outer.popLast() ?? 0 }
        expected = afterValue
    }

    @inline(__always)
    private mutating func acceptScalar() throws(DocumentFault) {
        guard expected == .value || expected == .valueOrEnd else { throw .malformed }
        expected = afterValue
    }
}

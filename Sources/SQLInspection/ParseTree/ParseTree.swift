/// A PostgreSQL parse tree, read from libpg_query's JSON: all nodes in one array, all strings in another, so that a
/// statement costs a handful of allocations however many nodes it has.
struct ParseTree: Sendable {
    /// An index into ``nodes``.
    struct ID: Hashable, Sendable {
        var index: Int32
    }

    enum Value: Sendable {
        /// Children are its fields. ``Node/type`` tells which node of the grammar it is; fields that can hold one type
        /// only come without it.
        case object
        /// Children are its elements.
        case list
        case string(Range<Int32>)
        case integer(Int64)
        case boolean(Bool)
        case null
    }

    struct Node: Sendable {
        /// The field's name in its parent; `.none` in a list.
        var key: Key
        /// `.none` where the JSON names no type.
        var type: Key
        var value: Value
        var firstChild: Int32 = -1
        var nextSibling: Int32 = -1
    }

    var nodes: [Node] = []
    var strings: [UInt8] = []
    /// The deepest nesting of nodes in it.
    var depth = 0
    /// Of the analysis that reads this copy.
    var log: ConstantLog?
}

extension ParseTree {
    struct Children: Sequence, IteratorProtocol {
        let tree: ParseTree
        var current: Int32

        mutating func next() -> ID? {
            guard current >= 0 else { return nil }
            defer { current = tree.nodes[Int(current)].nextSibling }
            return ID(index: current)
        }
    }

    func node(_ id: ID) -> Node { nodes[Int(id.index)] }

    func type(_ id: ID) -> Key { nodes[Int(id.index)].type }

    func children(_ id: ID) -> Children {
        noteConstant(id)
        return Children(tree: self, current: nodes[Int(id.index)].firstChild)
    }

    /// The field's value: an object, a list or a scalar. Fields that hold their default are absent from the JSON.
    func field(_ id: ID, _ key: Key) -> ID? {
        noteConstant(id)
        var current = nodes[Int(id.index)].firstChild
        while current >= 0 {
            if nodes[Int(current)].key == key { return ID(index: current) }
            current = nodes[Int(current)].nextSibling
        }
        return nil
    }

    @inline(__always)
    private func noteConstant(_ id: ID) {
        guard let log else { return }
        switch nodes[Int(id.index)].key {
        case .ival, .sval: log.note(id)
        default: break
        }
    }

    /// The elements of a field that is a list; none when it is absent.
    func list(_ id: ID, _ key: Key) -> [ID] {
        guard let field = field(id, key) else { return [] }
        return Array(children(field))
    }

    func string(_ id: ID, _ key: Key) -> String? {
        field(id, key).flatMap(text)
    }

    func text(_ id: ID) -> String? {
        guard case .string(let range) = node(id).value else { return nil }
        return String(decoding: strings[Int(range.lowerBound)..<Int(range.upperBound)], as: UTF8.self)
    }

    func integer(_ id: ID, _ key: Key) -> Int? {
        guard let field = field(id, key), case .integer(let value) = node(field).value else { return nil }
        return Int(value)
    }

    func flag(_ id: ID, _ key: Key) -> Bool {
        guard let field = field(id, key), case .boolean(let value) = node(field).value else { return false }
        return value
    }

    /// Where the node stands in the text; 0 is left out of the JSON, and unknown places are negative.
    func location(_ id: ID) -> Int {
        integer(id, .location) ?? 0
    }

    /// The text of a `String` node, or nil for another one.
    func stringNode(_ id: ID) -> String? {
        guard type(id) == .String else { return nil }
        return string(id, .sval) ?? ""
    }

    /// The texts of a list of `String` nodes, as qualified names are.
    func names(_ id: ID, _ key: Key) -> [String] {
        list(id, key).compactMap(stringNode)
    }
}

internal import Synchronization

/// Which constants' values an analysis has looked at. One that it has not could have been any other: its statement means the
/// same with another in its place.
///
/// A constant is an `A_Const` node with an object in it, `ival` or `sval`, that holds the value, or nothing where the value is
/// 0 or empty: whoever goes from that object to what is in it has looked, and ``ParseTree`` offers no other way there.
final class ConstantLog: Sendable {
    private let read = Mutex<Set<Int32>>([])

    func note(_ id: ParseTree.ID) {
        read.withLock { _ = $0.insert(id.index) }
    }

    var noted: Set<Int32> { read.withLock { $0 } }
}

extension ParseTree {
    /// Where the constants stand whose values nobody has looked at: strings and integers, by ``location(_:)``.
    ///
    /// A constant may stand in a tree more than once; it counts where none of them was looked at.
    func unreadConstants(_ log: ConstantLog) -> Set<Int> {
        let noted = log.noted
        var unread: Set<Int> = []
        var readPlaces: Set<Int> = []
        for (index, node) in nodes.enumerated() where node.type == .A_Const {
            var place = 0
            var isUnread = false
            var current = node.firstChild
            while current >= 0 {
                let child = nodes[Int(current)]
                switch child.key {
                case .ival, .sval: isUnread = !noted.contains(current)
                case .location: if case .integer(let value) = child.value { place = Int(value) }
                default: break
                }
                current = child.nextSibling
            }
            if isUnread, !noted.contains(Int32(truncatingIfNeeded: index)) {
                unread.insert(place)
            } else {
                readPlaces.insert(place)
            }
        }
        return unread.subtracting(readPlaces)
    }
}

import Synchronization

/// The reactors of a process. Sessions are dealt out in turn.
final class ReactorGroup: Sendable {
    let reactors: [Reactor]
    private let turn = Atomic<Int>(0)

    /// - Parameter count: At least one is made.
    /// - Throws: ``SidecarError`` when the system has no descriptor or thread left.
    init(count: Int) throws(SidecarError) {
        var made = [try Reactor(name: "stile-io-0")]
        for number in 1..<max(1, count) { made.append(try Reactor(name: "stile-io-\(number)")) }
        reactors = made
    }

    /// Where connections are accepted.
    var first: Reactor { reactors[0] }

    func next() -> Reactor {
        guard reactors.count > 1 else { return reactors[0] }
        let index = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return reactors[Int(UInt(bitPattern: index) % UInt(reactors.count))]
    }

    /// Ends all of them, and what is open on them.
    func shutDown() async {
        for reactor in reactors { await reactor.shutDown() }
    }
}

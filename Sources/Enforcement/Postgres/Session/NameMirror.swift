import PostgresWire

/// Names on the server's side, kept by its own rules. What was sent and not yet answered stands in an overlay: it holds for
/// whatever follows in the same pipeline (which the server skips if it fails), and is dropped at ReadyForQuery.
struct NameMirror<Entry> {
    /// More than any driver keeps; a client that makes more must close some.
    static var capacity: Int { 10_000 }

    /// As much stays for the next names.
    private static var keptCapacity: Int { 8 }

    /// Changes with every name that means something else now, or may soon.
    private(set) var changes: UInt64 = 0

    private var settled: [WireName: Entry] = [:]
    private var overlay: [WireName: Entry?] = [:]

    var isFull: Bool { settled.count + overlay.count >= NameMirror.capacity }

    /// What the name will mean when the server gets to the next message.
    subscript(name: WireName) -> Entry? {
        if let pending = overlay[name] { return pending }
        return settled[name]
    }

    /// What the server has it for, now that nothing is under way.
    func settled(_ name: WireName) -> Entry? { settled[name] }

    mutating func expect(_ entry: Entry?, for name: WireName) {
        changes &+= 1
        overlay[name] = .some(entry)
    }

    /// The server has done it.
    mutating func settle(_ entry: Entry?, for name: WireName) {
        changes &+= 1
        settled[name] = entry
    }

    /// Everything that was sent has been answered.
    mutating func dropExpectations() {
        if overlay.isEmpty { return }
        changes &+= 1
        overlay.removeAll(keepingCapacity: overlay.capacity <= NameMirror.keptCapacity)
    }

    mutating func settleRemovingAll(where isGone: (WireName, Entry) -> Bool = { _, _ in true }) {
        if settled.isEmpty { return }
        changes &+= 1
        if settled.allSatisfy(isGone) {
            settled.removeAll(keepingCapacity: settled.capacity <= NameMirror.keptCapacity)
        } else {
            settled = settled.filter { !isGone($0.key, $0.value) }
        }
    }

    mutating func expectRemovingAll() {
        changes &+= 1
        for name in settled.keys { overlay[name] = .some(nil) }
        for name in overlay.keys { overlay[name] = .some(nil) }
    }
}

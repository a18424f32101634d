import PostgresWire

/// Names on the server's side, kept by its own rules. What was sent and not yet answered stands in an overlay: it holds for
/// whatever follows in the same pipeline (which the server skips if it fails), and is dropped at ReadyForQuery.
struct NameMirror<Entry> {
    /// More than any driver keeps; a client that makes more must close some.
    static var capacity: Int { 10_000 }

    /// As much stays for the next names.
    private static var keptCapacity: Int { 8 }

    private var settled: [WireName: Entry] = [:]
    private var overlay: [WireName: Entry?] = [:]

    var isFull: Bool { settled.count + overlay.count >= NameMirror.capacity }

    /// What the name will mean when the server gets to the next message.
    subscript(name: WireName) -> Entry? {
        if let pending = overlay[name] { return pending }
        return settled[name]
    }

    mutating func expect(_ entry: Entry?, for name: WireName) {
        overlay[name] = .some(entry)
    }

    /// The server has done it.
    mutating func settle(_ entry: Entry?, for name: WireName) {
        settled[name] = entry
    }

    /// Everything that was sent has been answered.
    mutating func dropExpectations() {
        if !overlay.isEmpty { overlay.removeAll(keepingCapacity: overlay.capacity <= NameMirror.keptCapacity) }
    }

    mutating func settleRemovingAll(where isGone: (WireName, Entry) -> Bool = { _, _ in true }) {
        if settled.isEmpty { return }
        if settled.allSatisfy(isGone) {
            settled.removeAll(keepingCapacity: settled.capacity <= NameMirror.keptCapacity)
        } else {
            settled = settled.filter { !isGone($0.key, $0.value) }
        }
    }

    mutating func expectRemovingAll() {
        for name in settled.keys { overlay[name] = .some(nil) }
        for name in overlay.keys { overlay[name] = .some(nil) }
    }
}

/// A table that never changes and never counts references: a scan looks up some hundred million entries a second, and counting
/// the references of arrays took four fifths of its time.
///
/// Whoever makes one frees it. An index out of the table is a fault of the caller's: ``DetectorAutomaton`` checks every number that
/// can become an index when the tables are read, and debug builds trap here.
@safe struct FrozenTable<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    private let entries: UnsafeBufferPointer<Element>

    init(_ entries: [Element]) {
        let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(entries.count, 1))
        _ = unsafe memory.initialize(from: entries)
        // There is memory for one at the least, and no entry in it where there is none.
        unsafe self.entries = UnsafeBufferPointer(start: memory.baseAddress, count: entries.count)
    }

    func free() {
        unsafe entries.deallocate()
    }

    var count: Int { unsafe entries.count }

    /// For loops that have no registers to spare. There is memory for an entry at the least.
    @unsafe var pointer: UnsafePointer<Element> {
        @inline(__always) get { unsafe entries.baseAddress.unsafelyUnwrapped }
    }

    subscript(index: Int) -> Element {
        @inline(__always) get { unsafe entries[index] }
    }
}

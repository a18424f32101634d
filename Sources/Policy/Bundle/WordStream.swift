/// Writes the u32 streams, and gathers the strings that they name by number.
struct WordSink {
    /// Stands for a string that is not there.
    static let noString = UInt32.max

    private(set) var words: [UInt32] = []
    private(set) var strings: [[UInt8]] = []
    // Keyed by bytes: as keys, strings that differ only in how letters are composed would be one.
    private var numbers: [[UInt8]: UInt32] = [:]

    mutating func take() -> [UInt32] {
        defer { words = [] }
        return words
    }

    mutating func put(_ word: UInt32) {
        words.append(word)
    }

    mutating func put(_ word: UInt64) {
        words.append(UInt32(truncatingIfNeeded: word))
        words.append(UInt32(truncatingIfNeeded: word >> 32))
    }

    mutating func put(_ text: String?) {
        guard let text else { return put(WordSink.noString) }
        let bytes = Array(text.utf8)
        if let number = numbers[bytes] { return put(number) }
        let number = UInt32(truncatingIfNeeded: strings.count)
        numbers[bytes] = number
        strings.append(bytes)
        put(number)
    }

    mutating func put(_ texts: [String]) {
        put(UInt32(truncatingIfNeeded: texts.count))
        for text in texts { put(text) }
    }
}

/// Reads a u32 stream. Each read says what went wrong and where.
struct WordSource {
    private let slice: BlockSlice
    private let section: BundleLayout.Section
    private let table: StringTable
    private(set) var position: Int
    private var remainingText = BundleLayout.maximumText

    init(_ slice: BlockSlice, section: BundleLayout.Section, strings: StringTable, at position: Int = 0) {
        self.slice = slice
        self.section = section
        table = strings
        self.position = position
    }

    var isAtEnd: Bool { position == slice.count / 4 }

    func fault(_ reason: String) -> BundleError {
        BundleError(.corrupt, section: section.name, offset: slice.range.lowerBound + 4 * position, reason)
    }

    mutating func word() throws(BundleError) -> UInt32 {
        guard position < slice.count / 4 else { throw fault("ends in the middle of an entry") }
        defer { position += 1 }
        return slice.u32(position)
    }

    mutating func doubleWord() throws(BundleError) -> UInt64 {
        let low = try word()
        return UInt64(low) | UInt64(try word()) << 32
    }

    mutating func word(upTo maximum: UInt32, _ what: String) throws(BundleError) -> UInt32 {
        let value = try word()
        guard value <= maximum else { throw fault("\(what) \(value) is unknown") }
        return value
    }

    /// A count of entries that are each at least a word, so that no count makes a reader allocate more than there is.
    mutating func count() throws(BundleError) -> Int {
        let value = Int(try word())
        guard value <= slice.count / 4 - position else {
            throw fault("counts \(value) entries, which it does not have")
        }
        return value
    }

    mutating func string() throws(BundleError) -> String {
        let number = try word()
        try charge(number)
        guard let text = table.string(number) else { throw fault("string \(number) is not in the table") }
        return text
    }

    mutating func optionalString() throws(BundleError) -> String? {
        guard position >= slice.count / 4 || slice.u32(position) != WordSink.noString else {
            position += 1
            return nil
        }
        return try string()
    }

    /// Starts a piece that may have as much text again.
    mutating func startPiece() {
        remainingText = BundleLayout.maximumText
    }

    /// A few bytes can name the same long string many times, and each time it would be made.
    private mutating func charge(_ number: UInt32) throws(BundleError) {
        remainingText -= table.length(number)
        guard remainingText >= 0 else { throw fault("has more than \(BundleLayout.maximumText) bytes of text") }
    }

    mutating func strings() throws(BundleError) -> [String] {
        let count = try count()
        var texts: [String] = []
        texts.reserveCapacity(count)
        for _ in 0..<count { texts.append(try string()) }
        return texts
    }

    /// Passes over a string, checked but not made.
    mutating func skipString(optional: Bool = false) throws(BundleError) {
        let number = try word()
        if optional && number == WordSink.noString { return }
        guard number < table.count else { throw fault("string \(number) is not in the table") }
        try charge(number)
    }

    mutating func skipStrings() throws(BundleError) {
        for _ in 0..<(try count()) { try skipString() }
    }
}

/// The strings by number.
struct StringTable: Sendable {
    let entries: BlockSlice
    let pool: BlockSlice

    var count: UInt32 { UInt32(truncatingIfNeeded: entries.count / 8) }

    /// In bytes; 0 when there is no such string.
    func length(_ number: UInt32) -> Int {
        number < count ? Int(entries.u32(2 * Int(number) + 1)) : 0
    }

    func string(_ number: UInt32) -> String? {
        guard number < count else { return nil }
        let index = Int(number)
        let slice = pool.slice(Int(entries.u32(2 * index)), Int(entries.u32(2 * index + 1)))
        return slice.block.string(slice.range)
    }

    func validate() throws(BundleError) {
        for index in 0..<Int(count) {
            let start = Int(entries.u32(2 * index))
            let length = Int(entries.u32(2 * index + 1))
            guard start <= pool.count, length <= pool.count - start else {
                throw fault(index, "string \(index) lies outside the pool")
            }
        }
        let isUTF8 = pool.block.isUTF8(pool.range)
        for index in 0..<Int(count) {
            let slice = pool.slice(Int(entries.u32(2 * index)), Int(entries.u32(2 * index + 1)))
            // In a pool that is UTF-8, a string is unless it starts or ends in the middle of a character.
            let isWhole =
                isUTF8 && slice.byte(at: 0) & 0xC0 != 0x80
                && pool.byte(at: slice.range.upperBound - pool.range.lowerBound) & 0xC0 != 0x80
            guard isWhole || pool.block.isUTF8(slice.range) else { throw fault(index, "string \(index) is not UTF-8") }
        }
    }

    private func fault(_ index: Int, _ reason: String) -> BundleError {
        BundleError(
            .corrupt, section: BundleLayout.Section.strings.name, offset: entries.range.lowerBound + 8 * index, reason)
    }
}

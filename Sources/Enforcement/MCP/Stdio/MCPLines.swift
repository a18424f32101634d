import WireBytes

/// Lines as they come over a standard stream, each looked at once.
struct MCPLines {
    private let longest: Int
    private let whose: String
    private var input = InputBuffer()
    /// So many of its first bytes end no line.
    private var scanned = 0

    /// - Parameters:
    ///   - longest: Bytes that a line may have.
    ///   - whose: For the reason when one is longer.
    init(longest: Int, whose: String) {
        self.longest = longest
        self.whose = whose
    }

    mutating func append(_ bytes: Span<UInt8>) { input.append(bytes) }

    /// The next whole line with something in it, without its end; `nil` until one has come.
    ///
    /// - Throws: when it is too long.
    mutating func next() throws(HTTPFault) -> [UInt8]? {
        while true {
            let start = input.range.lowerBound
            guard let end = input.bytes[(start + scanned)...].firstIndex(of: 0x0A) else {
                scanned = input.count
                try check(input.count)
                return nil
            }
            let line = Array(input.bytes[start..<end])
            input.consume(line.count + 1)
            scanned = 0
            try check(line.count)
            if line.contains(where: { $0 > 0x20 }) { return line }
        }
    }

    private func check(_ count: Int) throws(HTTPFault) {
        guard count > longest else { return }
        throw HTTPFault(
            status: 413, message: "", reason: "a line of the \(whose)'s is longer than \(longest) bytes")
    }
}

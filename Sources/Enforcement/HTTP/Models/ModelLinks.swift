/// Takes out of a text that a model says where links and images lead, but to the hosts that policy names: what shows the text may fetch an
/// image at once, and its address carries what an injected instruction put there.
///
/// It is Markdown and HTML as readers of either take it, and addresses that stand alone; a text is read once, from its beginning to its end,
/// and what is not decided by then waits for more of it.
struct ModelLinks: Sendable {
    /// What takes an address's place: a path that says nothing, wherever it stands.
    static let replacement = Array("link-removed".utf8)
    /// Bytes of an address that are looked at as one; what follows is text.
    static let longest = 8_192
    /// Bytes of a tag of HTML, and of what stands before an address in a link.
    static let longestTag = 1_024
    static let longestSpace = 64
    static let longestWord = 64

    private let hosts: [[UInt8]]

    /// - Parameter hosts: patterns, in lower case.
    init(hosts: [String]) {
        self.hosts = hosts.map { Array($0.utf8) }
    }

    /// Goes on through a text.
    ///
    /// - Parameters:
    ///   - text: what was not decided before, and what came since.
    ///   - previous: the byte before it; 0: none.
    ///   - isFinal: nothing comes behind it.
    ///   - output: What is decided is appended.
    /// - Returns: how much of the text that is, and how many addresses were taken out.
    func rewrite(
        _ text: [UInt8], after previous: UInt8 = 0, isFinal: Bool, into output: inout [UInt8]
    ) -> (decided: Int, removed: UInt64) {
        var position = 0
        var removed: UInt64 = 0
        while position < text.count {
            switch step(text, position, position > 0 ? text[position - 1] : previous, isFinal) {
            case .plain(let end):
                output += text[position..<end]
                position = end
            case .target(let range, let end):
                output += text[position..<range.lowerBound]
                if isAllowed(text[range]) {
                    output += text[range]
                } else {
                    output += Self.replacement
                    removed += 1
                }
                output += text[range.upperBound..<end]
                position = end
            case .tag(let end):
                removed += rewriteTag(text[position..<end], into: &output)
                position = end
            case .brokenTag:
                // What is around the text must not end it.
                output += Array("< ".utf8)
                removed += 1
                position += 1
            case .undecided: return (position, removed)
            }
        }
        return (position, removed)
    }

    /// A text that is here whole; `nil` when it stays.
    func rewrite(whole text: [UInt8]) -> (text: [UInt8], removed: UInt64)? {
        var output: [UInt8] = []
        let (_, removed) = rewrite(text, isFinal: true, into: &output)
        return removed > 0 ? (output, removed) : nil
    }

    private enum Step {
        case plain(end: Int)
        /// An address, and what stands around it up to `end`.
        case target(Range<Int>, end: Int)
        /// A tag of HTML.
        case tag(end: Int)
        /// A tag that does not end.
        case brokenTag
        case undecided
    }

    // MARK: Steps

    private func step(_ text: [UInt8], _ start: Int, _ previous: UInt8, _ isFinal: Bool) -> Step {
        let byte = text[start]
        switch byte {
        case UInt8(ascii: "]"):
            guard start + 1 < text.count else { return isFinal ? .plain(end: start + 1) : .undecided }
            switch text[start + 1] {
            case UInt8(ascii: "("): return target(text, start + 2, isInParentheses: true, isFinal)
            case UInt8(ascii: ":"): return target(text, start + 2, isInParentheses: false, isFinal)
            default: return .plain(end: start + 1)
            }
        case UInt8(ascii: "<"):
            guard start + 1 < text.count else { return isFinal ? .plain(end: start + 1) : .undecided }
            let next = text[start + 1]
            guard
                Self.isLetter(next) || next == UInt8(ascii: "/") || next == UInt8(ascii: "!")
                    || next == UInt8(ascii: "?")
            else {
                return .plain(end: start + 1)
            }
            if let end = Self.endOfTag(text, start) { return .tag(end: end) }
            let isWhole = text.count - start >= Self.longestTag
            guard isFinal || isWhole else { return .undecided }
            let isOpen = text[start..<min(text.count, start + Self.longestTag)].contains(UInt8(ascii: "="))
            return isOpen ? .brokenTag : .plain(end: start + 1)
        default:
            guard Self.isLetter(byte), !Self.isLetter(previous) else { return plainRun(text, start) }
            return word(text, start, isFinal)
        }
    }

    /// Up to what may begin something.
    private func plainRun(_ text: [UInt8], _ start: Int) -> Step {
        var end = start + 1
        while end < text.count, text[end] != UInt8(ascii: "]"), text[end] != UInt8(ascii: "<") {
            if Self.isLetter(text[end]), !Self.isLetter(text[end - 1]) { break }
            end += 1
        }
        return .plain(end: end)
    }

    private static let schemes = ["https", "http", "wss", "ws", "ftp"].map { Array($0.utf8) }

    /// A word, or an address that begins with one.
    private func word(_ text: [UInt8], _ start: Int, _ isFinal: Bool) -> Step {
        var end = start
        while end < text.count, Self.isLetter(text[end]) { end += 1 }
        if end == text.count, !isFinal, end - start < Self.longestWord { return .undecided }
        let letters = text[start..<end].map { $0 | 0x20 }
        let isScheme = Self.schemes.contains(letters)
        guard isScheme || letters == Array("www".utf8) else { return .plain(end: max(end, start + 1)) }
        // https:// with what may stand for it: &colon;, a backslash before it.
        let behind = end
        var probe = behind
        while probe < text.count, probe - behind < 24, !Self.endsAddress(text[probe]) { probe += 1 }
        if probe == text.count, !isFinal, probe - behind < 24 { return .undecided }
        let decoded = LinkTarget.decoded(text[behind..<probe])
        let isAddress =
            isScheme
            ? decoded.first == UInt8(ascii: ":")
                && decoded.dropFirst().first.map { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") } == true
            : decoded.first == UInt8(ascii: ".")
        guard isAddress else { return .plain(end: end) }
        let limit = start + Self.longest
        while end < min(text.count, limit), !Self.endsAddress(text[end]) { end += 1 }
        if end == text.count, end < limit, !isFinal { return .undecided }
        return .target(start..<end, end: end)
    }

    /// Whether an address in words ends before a byte: behind it nobody goes on.
    private static func endsAddress(_ byte: UInt8) -> Bool {
        byte <= 0x20
            || [
                UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: ")"),
                UInt8(ascii: "]"),
            ]
            .contains(byte)
    }

    /// The target of an inline link, or of a definition (CommonMark §4.7, §6.3).
    private func target(_ text: [UInt8], _ start: Int, isInParentheses: Bool, _ isFinal: Bool) -> Step {
        var begin = start
        while begin < text.count, text[begin] <= 0x20, begin - start < Self.longestSpace { begin += 1 }
        guard begin - start < Self.longestSpace else { return .plain(end: begin) }
        guard begin < text.count else { return isFinal ? .plain(end: text.count) : .undecided }
        var end = begin
        let limit = begin + Self.longest
        if text[begin] == UInt8(ascii: "<") {
            begin += 1
            end = begin
            while end < min(text.count, limit), text[end] != UInt8(ascii: ">") || text[end - 1] == UInt8(ascii: "\\"),
                text[end] != 0x0A
            { end += 1 }
        } else {
            var depth = 0
            while end < min(text.count, limit), text[end] > 0x20 {
                if text[end] == UInt8(ascii: "\\"), end + 1 < text.count, text[end + 1] > 0x20 {
                    end += 2
                    continue
                }
                if text[end] == UInt8(ascii: "(") { depth += 1 }
                if text[end] == UInt8(ascii: ")"), isInParentheses {
                    if depth == 0 { break }
                    depth -= 1
                }
                end += 1
            }
        }
        end = min(end, text.count)
        if end == text.count, end < limit, !isFinal { return .undecided }
        return .target(begin..<end, end: end)
    }

    // MARK: HTML

    /// Behind the `>` that ends a tag, quotes heeded.
    private static func endOfTag(_ text: [UInt8], _ start: Int) -> Int? {
        var quote: UInt8?
        var index = start + 1
        while index < min(text.count, start + longestTag) {
            let byte = text[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                // Only a value has quotes.
                if index > start, text[index - 1] == UInt8(ascii: "=") || text[index - 1] <= 0x20 { quote = byte }
            } else if byte == UInt8(ascii: ">") {
                return index + 1
            }
            index += 1
        }
        return nil
    }

    /// Writes a tag, or an address between angle brackets, without the targets that lead elsewhere.
    private func rewriteTag(_ tag: ArraySlice<UInt8>, into output: inout [UInt8]) -> UInt64 {
        let inner = tag.dropFirst()
        // <https://…>: an address and nothing else.
        let first = inner.prefix { $0 > 0x20 && $0 != UInt8(ascii: ">") }
        if LinkTarget.decoded(first).contains(UInt8(ascii: ":")), !first.contains(UInt8(ascii: "=")) {
            guard !isAllowed(first) else {
                output += tag
                return 0
            }
            output.append(UInt8(ascii: "("))
            output += Self.replacement
            output.append(UInt8(ascii: ")"))
            return 1
        }
        var removed: UInt64 = 0
        var index = tag.startIndex
        while index < tag.endIndex {
            let byte = tag[index]
            output.append(byte)
            index += 1
            guard byte == UInt8(ascii: "=") else { continue }
            while index < tag.endIndex, tag[index] <= 0x20 {
                output.append(tag[index])
                index += 1
            }
            guard index < tag.endIndex else { break }
            var end = index
            let quote = tag[index]
            let isQuoted = quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
            if isQuoted {
                output.append(quote)
                index += 1
                end = index
                while end < tag.endIndex, tag[end] != quote { end += 1 }
            } else {
                while end < tag.endIndex, tag[end] > 0x20, tag[end] != UInt8(ascii: ">") { end += 1 }
            }
            let value = tag[index..<end]
            if mayLead(value), !isAllowed(value) {
                output += Self.replacement
                removed += 1
            } else {
                output += value
            }
            index = end
        }
        return removed
    }

    /// Whether an attribute's value may be, or hold, an address: most have neither a colon nor two slashes.
    private func mayLead(_ value: ArraySlice<UInt8>) -> Bool {
        let decoded = LinkTarget.decoded(value).filter { $0 > 0x20 }
        guard !decoded.contains(UInt8(ascii: ":")) else { return true }
        return zip(decoded, decoded.dropFirst()).contains {
            ($0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\"))
                && ($1 == UInt8(ascii: "/") || $1 == UInt8(ascii: "\\"))
        }
    }

    // MARK: Hosts

    private func isAllowed(_ written: ArraySlice<UInt8>) -> Bool {
        let target = LinkTarget(written)
        if target.isLocal { return true }
        guard let host = target.host else { return false }
        let name = Array(host.utf8)
        return hosts.contains { Self.matches($0[...], name[...]) }
    }

    /// `*` stands for any run of letters, dots too.
    private static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        let parts = pattern.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
        guard parts.count > 1 else { return pattern == name }
        guard name.starts(with: parts[0]) else { return false }
        var rest = name.dropFirst(parts[0].count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.indices.first(where: { rest[$0...].starts(with: part) }) else { return false }
            rest = rest[(found + part.count)...]
        }
        let last = parts[parts.count - 1]
        return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { 0x61...0x7A ~= byte | 0x20 }
}

/// The links of a text that comes a few letters at a time.
struct DeltaLinks: Sendable {
    private let links: ModelLinks
    private var pending: [UInt8] = []
    private var previous: UInt8 = 0
    private(set) var removed: UInt64 = 0

    init(_ links: ModelLinks) { self.links = links }

    mutating func take(_ text: [UInt8], isFinal: Bool, into output: inout [UInt8]) {
        pending += text
        let (decided, removed) = links.rewrite(pending, after: previous, isFinal: isFinal, into: &output)
        self.removed += removed
        guard decided > 0 else { return }
        previous = pending[decided - 1]
        pending.removeSubrange(..<decided)
    }
}

import WireBytes

/// Hides a service's credential in what the service answers: some show a request's fields to whoever asks, and the client must not
/// learn what only the sidecar knows.
///
/// Each of its letters becomes an asterisk, so that nothing that frames or describes the answer changes. A credential that is cut into
/// pieces is found; one that is written in other letters (escaped, encoded again) is not.
struct CredentialFilter {
    /// What is shorter is found in everything.
    static let shortest = 8

    private var searches: [LiteralSearch]

    /// - Returns: `nil` where there is nothing to hide.
    init?(_ credential: HTTPCredential) {
        searches = credential.secrets.filter { $0.utf8.count >= Self.shortest }.map { LiteralSearch(Array($0.utf8)) }
        if searches.isEmpty { return nil }
    }

    /// Takes a piece of a body, and gives what can be given of it: what may be the beginning of the credential waits.
    mutating func take(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        if searches.count == 1 { return searches[0].take(bytes, into: &output) }
        var piece: [UInt8] = []
        piece.append(bytes, 0..<bytes.count)
        for index in searches.indices {
            var next: [UInt8] = []
            searches[index].take(piece.span, into: &next)
            piece = next
        }
        output.append(contentsOf: piece)
    }

    /// Gives what waited. The filter begins anew.
    mutating func finish(into output: inout [UInt8]) {
        var piece: [UInt8] = []
        for index in searches.indices {
            var next: [UInt8] = []
            searches[index].take(piece.span, into: &next)
            searches[index].finish(into: &next)
            piece = next
        }
        output.append(contentsOf: piece)
    }

    /// - Returns: a text without the credential; `nil` where it has none of it.
    func hide(in text: some Collection<UInt8>) -> [UInt8]? {
        var filter = self
        let text = Array(text)
        var output: [UInt8] = []
        filter.take(text.span, into: &output)
        filter.finish(into: &output)
        return output == text ? nil : output
    }
}

/// Replaces each of a literal's occurrences in bytes that come in pieces (Knuth, Morris, Pratt).
private struct LiteralSearch {
    private let literal: [UInt8]
    /// How much of the literal still stands when it does not go on, by how much of it did.
    private let fallback: [Int]
    /// How much of the literal the bytes so far end with.
    private var matched = 0

    init(_ literal: [UInt8]) {
        self.literal = literal
        var fallback = [0]
        var length = 0
        for index in literal.indices.dropFirst() {
            while length > 0, literal[index] != literal[length] { length = fallback[length - 1] }
            if literal[index] == literal[length] { length += 1 }
            fallback.append(length)
        }
        self.fallback = fallback
    }

    mutating func take(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        var position = 0
        while position < bytes.count {
            if matched == 0 {
                // Most bytes are far from any.
                let start = position
                position = LiteralSearch.firstIndex(of: literal[0], in: bytes, from: start)
                output.append(bytes, start..<position)
                guard position < bytes.count else { return }
            }
            let byte = bytes[position]
            if byte == literal[matched] {
                matched += 1
                position += 1
                guard matched == literal.count else { continue }
                output.append(contentsOf: repeatElement(UInt8(ascii: "*"), count: matched))
                matched = 0
            } else {
                let kept = fallback[matched - 1]
                output.append(contentsOf: literal[..<(matched - kept)])
                matched = kept
            }
        }
    }

    mutating func finish(into output: inout [UInt8]) {
        output.append(contentsOf: literal[..<matched])
        matched = 0
    }

    /// - Returns: where the byte stands first; the end where it does not.
    private static func firstIndex(of byte: UInt8, in bytes: Span<UInt8>, from start: Int) -> Int {
        var position = start
        let wanted = SIMD16<UInt8>(repeating: byte)
        let raw = unsafe bytes.bytes
        while position + 16 <= bytes.count {
            // In bounds by the condition above.
            let block = unsafe raw.unsafeLoadUnaligned(fromByteOffset: position, as: SIMD16<UInt8>.self)
            if (block ^ wanted).min() == 0 { break }
            position += 16
        }
        while position < bytes.count, bytes[position] != byte { position += 1 }
        return position
    }
}

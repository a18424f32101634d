import HTTPInspection
import Policy

/// XML and HTML, looked at as a whole. Of XML no document type passes (its entities would say what nobody sees here), of HTML only one
/// without declarations in it.
struct MarkupPass: BodyPass {
    private let scanner: DetectorScanner
    private var masking: StructuredMasking
    private let isHTML: Bool
    private var held: [UInt8] = []

    init(_ masking: StructuredMasking, _ scanner: DetectorScanner, isHTML: Bool) {
        self.masking = masking
        self.scanner = scanner
        self.isHTML = isHTML
    }

    mutating func take(
        _ bytes: Span<UInt8>, into output: inout [UInt8], _ found: inout BodyFindings
    ) throws(BodyRefusal) {
        guard held.count + bytes.count <= HTTPLimits.documentUnit else {
            throw BodyRefusal(status: 413, "markup of more than \(HTTPLimits.documentUnit) bytes")
        }
        held.append(bytes, 0..<bytes.count)
    }

    mutating func finish(into output: inout [UInt8], _ found: inout BodyFindings) throws(BodyRefusal) {
        let text = held
        held = []
        guard !declares(text.span) else { throw BodyRefusal.documentType }
        guard masking.mask(text.span, as: .xml, selection: scanner.selection(for: [])) == .replaced else {
            output += text
            return
        }
        found.add(masking, scanner)
        output += masking.output
    }

    /// Whether there is a document type anywhere that may declare something: in a comment it is nobody's, and is refused all the same.
    private func declares(_ text: Span<UInt8>) -> Bool {
        var position = 0
        while position < text.count {
            guard text[position] == UInt8(ascii: "<") else {
                position += 1
                continue
            }
            if text.spells("<!entity", at: position) { return true }
            if text.spells("<!doctype", at: position) {
                guard isHTML else { return true }
                var end = position
                while end < text.count, text[end] != UInt8(ascii: ">") {
                    if text[end] == UInt8(ascii: "[") || text.spells("<!entity", at: end) { return true }
                    end += 1
                }
                // What was gone over is not gone over again: a text may be full of beginnings.
                position = end
                continue
            }
            position += 1
        }
        return false
    }
}

extension Span<UInt8> {
    /// Whether a word of small letters is right there, in any case.
    func spells(_ word: StaticString, at position: Int) -> Bool {
        guard position + word.utf8CodeUnitCount <= count else { return false }
        for offset in 0..<word.utf8CodeUnitCount {
            let byte = self[position + offset]
            let folded = 0x41...0x5A ~= byte ? byte | 0x20 : byte
            guard unsafe folded == word.utf8Start[offset] else { return false }
        }
        return true
    }
}

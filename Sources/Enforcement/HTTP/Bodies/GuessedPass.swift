import HTTPInspection
import Policy

/// A body that begins like JSON or XML and says that it is something else: some recipients go by what it says, others by what it is. It is
/// held until it is known whether it is that, too.
struct GuessedPass: BodyPass {
    /// So much is held.
    private static let longest = 1 << 20

    private let maker: BodyPassMaker
    private let said: BodyReading.Form
    private let looks: BodyReading.Form
    private var held: [UInt8] = []
    private var pass: (any BodyPass)?

    init(_ maker: BodyPassMaker, said: BodyReading.Form, looks: BodyReading.Form) {
        self.maker = maker
        self.said = said
        self.looks = looks
    }

    mutating func take(
        _ bytes: Span<UInt8>, into output: inout [UInt8], _ found: inout BodyFindings
    ) throws(BodyRefusal) {
        var rest = 0
        if pass == nil {
            // It is chosen by the same bytes, in whatever pieces they come.
            rest = min(bytes.count, GuessedPass.longest + 1 - held.count)
            held.append(bytes, 0..<rest)
            guard held.count > GuessedPass.longest else { return }
            var chosen = try chooseForLong()
            try chosen.take(held.span, into: &output, &found)
            held = []
            pass = chosen
        }
        guard rest < bytes.count else { return }
        try pass?.take(bytes.extracting(rest..<bytes.count), into: &output, &found)
    }

    mutating func finish(into output: inout [UInt8], _ found: inout BodyFindings) throws(BodyRefusal) {
        if pass != nil {
            try pass?.finish(into: &output, &found)
            return
        }
        let isText = said == .text
        let isJSON = looks == .json ? try isJSON(isWhole: true) : false
        // A text is whatever it begins like, as far as it is that.
        if isText {
            var whole = WholePass(maker.masking, maker.scanner)
            whole.mask(held.span, as: .text, into: &output, &found)
            return
        }
        guard isJSON || looks == .xml else {
            var plain = try maker.pass(for: said)
            try plain.take(held.span, into: &output, &found)
            try plain.finish(into: &output, &found)
            return
        }
        // As what it is, and then it must have nothing left in it as what it says.
        var masked: [UInt8] = []
        var first = try maker.pass(for: looks)
        try first.take(held.span, into: &masked, &found)
        try first.finish(into: &masked, &found)
        guard GuessedPass.hasSeparators(masked, said) else {
            output += masked
            return
        }
        var second = try maker.pass(for: said)
        var left = BodyFindings()
        var same: [UInt8] = []
        try second.take(masked.span, into: &same, &left)
        try second.finish(into: &same, &left)
        guard left.isEmpty else { throw BodyRefusal.ambiguous }
        output += masked
    }

    /// Whether a form or a table would read more than one text in it.
    private static func hasSeparators(_ text: [UInt8], _ said: BodyReading.Form) -> Bool {
        guard said == .form else { return true }
        return text.contains { "&=%+".utf8.contains($0) }
    }

    /// Of a long body the beginning tells.
    private func chooseForLong() throws(BodyRefusal) -> any BodyPass {
        let isJSON = looks == .json ? try isJSON(isWhole: false) : false
        switch (said, looks) {
        case (.text, _): return try maker.pass(for: isJSON ? .json : .text)
        case (_, .json) where !isJSON: return try maker.pass(for: said)
        default: throw BodyRefusal.ambiguous
        }
    }

    /// Whether what is held is JSON, or its beginning.
    private func isJSON(isWhole: Bool) throws(BodyRefusal) -> Bool {
        var document = JSONDocumentMasking(maker.masking, selection: maker.scanner.selection(for: []))
        var output: [UInt8] = []
        do throws(DocumentFault) {
            try document.take(held.span, into: &output)
            if isWhole { try document.finish(into: &output) }
            return true
        } catch {
            switch error.code {
            case .malformed, .truncated, .notUTF8: return false
            default: throw BodyRefusal(error)
            }
        }
    }
}

/// A text that has come as a whole.
struct WholePass {
    private let scanner: DetectorScanner
    private var masking: StructuredMasking

    init(_ masking: StructuredMasking, _ scanner: DetectorScanner) {
        self.masking = masking
        self.scanner = scanner
    }

    mutating func mask(
        _ text: Span<UInt8>, as syntax: StructuredMasking.Syntax, into output: inout [UInt8],
        _ found: inout BodyFindings
    ) {
        guard masking.mask(text, as: syntax, selection: scanner.selection(for: [])) == .replaced else {
            output.append(text, 0..<text.count)
            return
        }
        found.add(masking, scanner)
        output += masking.output
    }
}

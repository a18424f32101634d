import HTTPInspection
import Policy

/// Content that is the value under a key: nothing of it passes but what its mask leaves.
struct KeyedPass: BodyPass {
    /// Bytes of a value whose mask needs to see it. A longer one is redacted.
    private static let longest = 1 << 20

    private let scanner: DetectorScanner
    private let name: [UInt8]
    private var masking: StructuredMasking
    private var held: [UInt8] = []
    private var count = 0

    init(_ masking: StructuredMasking, _ scanner: DetectorScanner, name: [UInt8]) {
        self.masking = masking
        self.scanner = scanner
        self.name = name
    }

    mutating func take(_ bytes: Span<UInt8>, into output: inout [UInt8], _ found: inout BodyFindings) {
        count += bytes.count
        if count <= KeyedPass.longest { held.append(bytes, 0..<bytes.count) } else { held = [] }
    }

    mutating func finish(into output: inout [UInt8], _ found: inout BodyFindings) {
        guard count > 0 else { return }
        guard count <= KeyedPass.longest else {
            output += RedactedForm.text.utf8
            found.addLongValues(1)
            return
        }
        let (value, name) = (held, name)
        _ = masking.mask(value.span, named: name.span, selection: scanner.selection(for: name))
        found.add(masking, scanner)
        output += masking.output
    }
}

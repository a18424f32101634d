import HTTPInspection
import Policy

/// Takes content and gives it masked.
protocol BodyPass: Sendable {
    /// Why some of it is not looked into, once that is known.
    var opacity: BodyReading.Opacity? { get }
    /// Of a model's answer, what it says of itself.
    var modelUse: ModelUse? { get }

    mutating func take(
        _ bytes: Span<UInt8>, into output: inout [UInt8], _ found: inout BodyFindings
    ) throws(BodyRefusal)

    /// Nothing more comes.
    mutating func finish(into output: inout [UInt8], _ found: inout BodyFindings) throws(BodyRefusal)
}

extension BodyPass {
    var opacity: BodyReading.Opacity? { nil }
    var modelUse: ModelUse? { nil }
}

/// Content that is not looked into.
struct UntouchedPass: BodyPass {
    func take(_ bytes: Span<UInt8>, into output: inout [UInt8], _ found: inout BodyFindings) {
        output.append(bytes, 0..<bytes.count)
    }

    func finish(into output: inout [UInt8], _ found: inout BodyFindings) {}
}

/// A JSON text.
struct JSONPass: BodyPass {
    private let scanner: DetectorScanner
    private var document: JSONDocumentMasking

    init(_ masking: StructuredMasking, _ scanner: DetectorScanner) {
        self.scanner = scanner
        document = JSONDocumentMasking(masking, selection: scanner.selection(for: []))
    }

    mutating func take(
        _ bytes: Span<UInt8>, into output: inout [UInt8], _ found: inout BodyFindings
    ) throws(BodyRefusal) {
        do throws(DocumentFault) { try document.take(bytes, into: &output) } catch { throw BodyRefusal(error) }
        count(&found)
    }

    mutating func finish(into output: inout [UInt8], _ found: inout BodyFindings) throws(BodyRefusal) {
        do throws(DocumentFault) { try document.finish(into: &output) } catch { throw BodyRefusal(error) }
        count(&found)
    }

    private mutating func count(_ found: inout BodyFindings) {
        found.add(document.masking, scanner)
        found.addLongValues(document.longValues)
        document.forgetFound()
    }
}

/// Plain text.
struct TextPass: BodyPass {
    private let scanner: DetectorScanner
    private var text: TextMasking

    /// - Parameter name: what the text is called.
    init(_ masking: StructuredMasking, _ scanner: DetectorScanner, name: [UInt8] = []) {
        self.scanner = scanner
        text = TextMasking(masking, selection: scanner.selection(for: name))
    }

    mutating func take(
        _ bytes: Span<UInt8>, into output: inout [UInt8], _ found: inout BodyFindings
    ) throws(BodyRefusal) {
        do throws(DocumentFault) { try text.take(bytes, into: &output) } catch { throw BodyRefusal(error) }
        count(&found)
    }

    mutating func finish(into output: inout [UInt8], _ found: inout BodyFindings) throws(BodyRefusal) {
        do throws(DocumentFault) { try text.finish(into: &output) } catch { throw BodyRefusal(error) }
        count(&found)
    }

    private mutating func count(_ found: inout BodyFindings) {
        found.add(text.masking, scanner)
        text.forgetFound()
    }
}

import HTTPInspection
import Policy

/// Knows how each kind of body is masked.
struct BodyPassMaker: Sendable {
    let scanner: DetectorScanner
    let masking: StructuredMasking
    /// The API of a model, whose answer it is.
    var model: ModelProfile?
    /// What a part of a form is called.
    var name: [UInt8] = []
    /// What the body says it is, if anything.
    var mediaType: MediaType?

    func pass(for reading: BodyReading) throws(BodyRefusal) -> any BodyPass {
        if !name.isEmpty, masking.keys.use(of: String(decoding: name, as: UTF8.self)) != nil {
            return KeyedPass(masking, scanner, name: name)
        }
        // What says nothing of itself is what it looks like, as far as it is that.
        if mediaType == nil, reading.form == .json || reading.form == .xml {
            return GuessedPass(self, said: .text, looks: reading.form)
        }
        guard let alternative = reading.alternative else { return try pass(for: reading.form) }
        switch reading.form {
        // What is no JSON is refused as that, and what is opaque is not looked into.
        case .json, .jsonLines, .opaque, .multipart: return try pass(for: reading.form)
        case .eventStream: throw BodyRefusal.ambiguous
        default: return GuessedPass(self, said: reading.form, looks: alternative)
        }
    }

    func pass(for form: BodyReading.Form) throws(BodyRefusal) -> any BodyPass {
        switch form {
        case .json:
            if let model { return ModelJSONPass(model, self) }
            return JSONPass(masking, scanner)
        case .jsonLines: return UnitPass(LineReader(), TextMasker(masking, scanner, .json))
        case .eventStream:
            if let model { return ModelStreamPass(model, self) }
            return UnitPass(EventStreamReader(), TextMasker(masking, scanner, .jsonOrText))
        case .form: return UnitPass(FormReader(), TextMasker(masking, scanner, .plain))
        case .csv: return UnitPass(CSVReader(), TextMasker(masking, scanner, .plain))
        case .tabSeparated:
            return UnitPass(CSVReader(separator: UInt8(ascii: "\t")), TextMasker(masking, scanner, .plain))
        case .xml: return MarkupPass(masking, scanner, isHTML: false)
        case .html: return MarkupPass(masking, scanner, isHTML: true)
        case .text: return TextPass(masking, scanner, name: name)
        case .multipart:
            guard let mediaType else { throw BodyRefusal(status: 400, "a multipart body without a boundary") }
            return try MultipartPass(mediaType, self)
        case .opaque: return UntouchedPass()
        }
    }
}

import HTTPInspection
import Policy

/// The parts of a multipart body, each by its own media type.
struct MultipartPass: BodyPass {
    private let maker: BodyPassMaker
    private var reader: MultipartReader
    private var heads: TextMasker
    private var part: [ContentMasking] = []
    /// Why a part is not looked into.
    private(set) var opacity: BodyReading.Opacity?

    init(_ mediaType: MediaType, _ maker: BodyPassMaker) throws(BodyRefusal) {
        self.maker = maker
        heads = TextMasker(maker.masking, maker.scanner, .plain)
        do throws(HTTPError) { reader = try MultipartReader(mediaType) } catch { throw BodyRefusal(error) }
    }

    mutating func take(
        _ bytes: Span<UInt8>, into output: inout [UInt8], _ found: inout BodyFindings
    ) throws(BodyRefusal) {
        reader.append(bytes)
        try drain(into: &output, &found)
    }

    mutating func finish(into output: inout [UInt8], _ found: inout BodyFindings) throws(BodyRefusal) {
        reader.finish()
        try drain(into: &output, &found)
    }

    private mutating func drain(into output: inout [UInt8], _ found: inout BodyFindings) throws(BodyRefusal) {
        while let text = try next(into: &output) {
            let decoded = reader.decoded
            let bytes = decoded.span.extracting(text.range.clamped(to: 0..<decoded.count))
            var masked: [UInt8]?
            switch text.kind {
            case .partHead:
                masked = heads.maskUnnamed(bytes, &found)
                part = [ContentMasking(reader.part?.mediaType, maker, name: reader.part?.name ?? [])]
            default:
                masked = try maskContent(bytes, isLast: text.isLast, &found)
            }
            if let masked { try replace(with: masked) }
        }
    }

    private mutating func next(into output: inout [UInt8]) throws(BodyRefusal) -> DocumentText? {
        do throws(HTTPError) { return try reader.next(into: &output) } catch { throw BodyRefusal(error) }
    }

    private mutating func replace(with masked: [UInt8]) throws(BodyRefusal) {
        do throws(HTTPError) { try reader.replace(with: masked) } catch { throw BodyRefusal(error) }
    }

    private mutating func maskContent(
        _ bytes: Span<UInt8>, isLast: Bool, _ found: inout BodyFindings
    ) throws(BodyRefusal) -> [UInt8]? {
        var masked: [UInt8] = []
        guard !part.isEmpty else { return nil }
        try part[0].take(bytes, into: &masked, &found)
        if isLast { try part[0].finish(into: &masked, &found) }
        opacity = opacity ?? part[0].opacity
        return masked
    }
}

import Enforcement
import HTTPInspection

/// A body of any media type that comes in pieces: however it is cut, the same is written, with nothing planted left in it.
enum BodyMaskingHarness {
    private static let types = [
        "", "application/json", "application/x-ndjson", "text/event-stream", "application/x-www-form-urlencoded",
        "text/csv", "text/tab-separated-values", "application/xml", "text/html", "text/plain",
        "multipart/form-data; boundary=b", "multipart/mixed; boundary=b", "application/json-seq",
    ]
    private static let codings = [[], ["gzip"], ["deflate"], ["br"], ["zstd"], ["gzip", "br"]]

    /// - Parameter input: The size of the pieces, the media type (the lower half of the second byte) and, rarely, a coding (its upper half),
    ///   and the body.
    static func run(_ input: [UInt8]) throws(Violation) {
        guard input.count > 2 else { return }
        let body = Array(input.dropFirst(2))
        let type = types[Int(input[1] & 0x0F) % types.count]
        let coding = Int(input[1] >> 4)
        let codings = coding < codings.count ? codings[coding] : []
        let mediaType = try? MediaType(Array(type.utf8))
        let whole = PlantedBodies.mask(body, body.count, mediaType, codings, PlantedBodies.plan)
        let pieces = PlantedBodies.mask(body, 1 + Int(input[0]), mediaType, codings, PlantedBodies.plan)
        try Violation.unless(whole?.output == pieces?.output, "the pieces give another body")
        // A value within a word is none, until what is beside it is masked.
        guard let whole, !whole.isOpaque, !PlantedBodies.isPlantedWithinWord(in: body) else { return }
        try Violation.unless(!PlantedBodies.isPlanted(in: whole.output), "something is left")
    }
}

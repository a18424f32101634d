import Enforcement
import HTTPInspection

/// An answer of a model's that comes in pieces: however it is cut, the same is written, with nothing planted left in an event.
enum ModelAnswersHarness {
    /// - Parameter input: The size of the pieces, whose answer it is and whether it is a stream, and the body.
    static func run(_ input: [UInt8]) throws(Violation) {
        guard input.count > 2, PlantedBodies.models.count == 2 else { return }
        let body = Array(input.dropFirst(2))
        let plan = PlantedBodies.models[Int(input[1] & 1)]
        let type = input[1] & 2 == 0 ? "text/event-stream" : "application/json"
        let mediaType = try? MediaType(Array(type.utf8))
        let whole = read(body, body.count, mediaType, plan)
        let pieces = read(body, 1 + Int(input[0]), mediaType, plan)
        try Violation.unless(whole == pieces, "the pieces give another body")
        guard let whole, !PlantedBodies.isPlantedWithinWord(in: body) else { return }
        try Violation.unless(!PlantedBodies.isPlanted(in: whole), "something is left")
    }

    private static func read(
        _ body: [UInt8], _ size: Int, _ mediaType: MediaType?, _ plan: BodyMaskingPlan
    ) -> [UInt8]? {
        var masking = BodyMasking(contentType: mediaType, contentEncoding: [], plan: plan)
        var output: [UInt8] = []
        var start = 0
        do throws(BodyRefusal) {
            while start < body.count {
                let end = min(start + max(1, size), body.count)
                try masking.take(body.span.extracting(start..<end), into: &output)
                start = end
            }
            try masking.finish(into: &output)
            return masking.isOpaque ? nil : output
        } catch {
            return nil
        }
    }
}

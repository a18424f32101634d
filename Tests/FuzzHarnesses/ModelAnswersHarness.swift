import Enforcement
import HTTPInspection

/// An answer of a model's that comes in pieces: however it is cut, the same is written, with nothing planted left in an event.
enum ModelAnswersHarness {
    /// - Parameter input: The size of the pieces, whose answer it is and whether it is a stream, and the body.
    static func run(_ input: [UInt8]) throws(Violation) {
        guard input.count > 2 else { return }
        let body = Array(input.dropFirst(2))
        let plan = PlantedBodies.models[Int(input[1] & 1)]
        let type = input[1] & 2 == 0 ? "text/event-stream" : "application/json"
        let mediaType = try? MediaType(Array(type.utf8))
        let whole = PlantedBodies.mask(body, body.count, mediaType, [], plan)
        let pieces = PlantedBodies.mask(body, 1 + Int(input[0]), mediaType, [], plan)
        try Violation.unless(whole?.output == pieces?.output, "the pieces give another body")
        guard let whole, !whole.isOpaque, !PlantedBodies.isPlantedWithinWord(in: body) else { return }
        try Violation.unless(!PlantedBodies.isPlanted(in: whole.output), "something is left")
    }
}

import Policy

/// A JSON text that comes in pieces: however it is cut and whatever the windows, what is written is JSON with nothing planted left in it;
/// in one window it is what masking the whole text makes of it.
enum JSONWindowsHarness {
    /// - Parameter input: The size of the pieces (the first byte), that of the windows (the second), and the text.
    static func run(_ input: [UInt8]) throws(Violation) {
        guard input.count > 2, let tables = PlantedBodies.tables else { return }
        let text = Array(input.dropFirst(2))
        let selection = tables.selection(of: tables.set(of: tables.names))
        let keeps = (tables.index(of: "credit-card"), tables.index(of: "date-of-birth"))
        var masking = StructuredMasking(tables: tables, keys: PlantedBodies.keys, maskKey: nil) { finding in
            finding.detector == keeps.0 || finding.detector == keeps.1 ? .keepLast(4) : .redact
        }
        for window in [64 << 10, 1_100 + 4 * Int(input[1])] {
            let whole = read(text, text.count, masking, selection, window)
            let pieces = read(text, 1 + Int(input[0]), masking, selection, window)
            try Violation.unless(whole == pieces, "the pieces give another text")
            guard let whole else { continue }
            try Violation.unless(!PlantedBodies.isPlanted(in: whole), "something is left")
            var second = JSONDocumentMasking(masking, selection: selection)
            var again: [UInt8] = []
            do throws(DocumentFault) {
                try second.take(whole.span, into: &again)
                try second.finish(into: &again)
            } catch {
                // Names that were masked are one.
                try Violation.unless(error.code == .duplicateName, "what is written is no JSON")
            }
            guard window >= text.count else { continue }
            let isChanged = masking.mask(text.span, as: .json, selection: selection) == .replaced
            try Violation.unless((isChanged ? masking.output : text) == whole, "the whole gives another text")
        }
    }

    private static func read(
        _ text: [UInt8], _ size: Int, _ masking: StructuredMasking, _ selection: DetectorSelection, _ window: Int
    ) -> [UInt8]? {
        var document = JSONDocumentMasking(masking, selection: selection, window: window)
        var output: [UInt8] = []
        var start = 0
        do throws(DocumentFault) {
            while start < text.count {
                let end = min(start + max(1, size), text.count)
                try document.take(text.span.extracting(start..<end), into: &output)
                start = end
            }
            try document.finish(into: &output)
            return output
        } catch {
            return nil
        }
    }
}

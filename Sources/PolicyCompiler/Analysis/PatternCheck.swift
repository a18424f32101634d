import Policy

/// Compiles a detector's pattern, to say at which character it leaves the subset.
enum PatternCheck {
    static func run(_ part: PolicyDraft.Part<CustomDetector>, into sink: inout DiagnosticSink) {
        do throws(DetectorCompileError) {
            try DetectorCompiler.validate(part.value)
        } catch {
            guard let column = error.column else {
                let key = error.code == .context ? "context" : nil
                sink.error(
                    (key.map { "\($0): " } ?? "") + error.message,
                    at: key.map(part.source.keyLocation) ?? part.name.location, suggestion: error.mend)
                return
            }
            let field = part.source.fields["pattern"]
            sink.error(
                "pattern: \(error.message)", at: field.map { place(of: column, in: $0, part.value.pattern) },
                suggestion: error.mend)
        }
    }

    /// Where a character of the pattern stands. In text with escapes, or over several lines, that cannot be told, and the
    /// whole is pointed at.
    private static func place(
        of column: Int, in field: CheckedObject.Field, _ pattern: String
    ) -> SourceLocation {
        var place = field.value.location
        let quotes = field.textLocation.column - place.column
        guard place.length == pattern.unicodeScalars.count + 2 * quotes else { return place }
        place.column += quotes + column - 1
        place.length = 1
        return place
    }
}

/// Context words as a pattern: in any case, and a space in them stands for whatever separates words in prose and names of
/// columns, or for nothing.
enum ContextWords {
    static let maxWords = 64
    static let maxLength = 40

    static func pattern(_ words: [String], of detector: String) throws(DetectorCompileError) -> RegexNode {
        guard words.count <= maxWords else {
            throw DetectorCompileError(
                code: .context, detector: detector, message: "it has \(words.count) context words",
                mend: "name at most \(maxWords)")
        }
        var branches: [RegexNode] = []
        for word in words.sorted() {
            guard (2...maxLength).contains(word.utf8.count),
                word.first?.isLetter == true || word.first?.isNumber == true
            else {
                throw DetectorCompileError(
                    code: .context, detector: detector, message: "'\(word)' is no context word",
                    mend: "name words of 2 to \(maxLength) bytes that begin with a letter or digit")
            }
            branches.append(.sequence(word.lowercased().unicodeScalars.map(character)))
        }
        return .alternatives(branches)
    }

    private static func character(_ scalar: Unicode.Scalar) -> RegexNode {
        if scalar == " " || scalar == "_" || scalar == "-" {
            let separators = ScalarSet([" ", "_", "-", "."].map { (one: Unicode.Scalar) in one.value...one.value })
            return .repetition(.scalar(separators), min: 0, max: 2)
        }
        return .scalar(ScalarSet([scalar.value...scalar.value]).foldingCase())
    }
}

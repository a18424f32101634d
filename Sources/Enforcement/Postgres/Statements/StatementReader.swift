import SQLInspection
import Synchronization

/// Parses and analyses statements, and keeps what it found, so that a text is read once for all the sessions of a process.
public final class StatementReader: Sendable {
    enum Outcome: Sendable {
        case analysed(TextAnalysis)
        case needsLargeStack
    }

    /// What an analysis depends on. The text is bytes: two texts are the same when their bytes are.
    private struct Key: Hashable {
        let text: [UInt8]
        let searchPath: [String]
        let catalog: UInt64
    }

    private let parser: any StatementParsing
    private let capacity: Int
    /// Longer texts are seldom sent twice, and would fill the cache.
    private static let longestKept = 16 << 10
    /// Two generations: when the young one is full it becomes the old one, and what is asked for again moves back. That
    /// keeps what is in use and costs no list.
    private let cache: Mutex<(young: [Key: TextAnalysis], old: [Key: TextAnalysis])>

    /// - Parameter capacity: How many analyses are kept, at most twice this many.
    public init(parser: any StatementParsing = InspectorParser(), capacity: Int = 2_048) {
        self.parser = parser
        self.capacity = capacity
        cache = Mutex(([:], [:]))
    }

    /// Analyses a text if that can be done here.
    func read(_ text: [UInt8], searchPath: [String], catalog: PostgresCatalog) -> Outcome {
        let key = Key(text: text, searchPath: searchPath, catalog: catalog.version)
        if let kept = look(key) { return .analysed(kept) }
        let analysis: TextAnalysis
        do throws(UnreadableStatement) {
            if try parser.needsLargeStack(text) { return .needsLargeStack }
            analysis = analyse(.success(try parser.parse(text)), text, searchPath, catalog)
        } catch {
            analysis = analyse(.failure(error), text, searchPath, catalog)
        }
        keep(analysis, for: key)
        return .analysed(analysis)
    }

    /// Analyses what was parsed elsewhere.
    func analyse(
        _ reading: StatementReading, text: [UInt8], searchPath: [String], catalog: PostgresCatalog
    ) -> TextAnalysis {
        let analysis = analyse(reading.result, text, searchPath, catalog)
        keep(analysis, for: Key(text: text, searchPath: searchPath, catalog: catalog.version))
        return analysis
    }

    func parseOnLargeStack(_ text: [UInt8], completion: @escaping @Sendable (StatementReading) -> Void) {
        parser.parseOnLargeStack(text) { completion(StatementReading(result: $0)) }
    }

    private func analyse(
        _ parsed: Result<any ParsedStatements, UnreadableStatement>, _ text: [UInt8], _ searchPath: [String],
        _ catalog: PostgresCatalog
    ) -> TextAnalysis {
        switch parsed {
        case .success(let parsed):
            TextAnalysis(
                text: text,
                statements: parsed.analyze(catalog: catalog.snapshot, searchPath: searchPath))
        case .failure(let error): TextAnalysis(text: text, statements: [], failure: error.message)
        }
    }

    private func look(_ key: Key) -> TextAnalysis? {
        cache.withLock { cache in
            if let found = cache.young[key] { return found }
            guard let found = cache.old.removeValue(forKey: key) else { return nil }
            cache.young[key] = found
            return found
        }
    }

    private func keep(_ analysis: TextAnalysis, for key: Key) {
        guard key.text.count <= StatementReader.longestKept else { return }
        cache.withLock { cache in
            if cache.young.count >= capacity { cache = ([:], cache.young) }
            cache.young[key] = analysis
        }
    }
}

/// What the statements of a text would do: the same for everybody, whatever policy says of it.
final class TextAnalysis: Sendable {
    let text: [UInt8]
    /// Empty when the text could not be read.
    let statements: [StatementAnalysis]
    /// Why it could not be read. It quotes nothing.
    let failure: String?

    init(text: [UInt8], statements: [StatementAnalysis], failure: String? = nil) {
        self.text = text
        self.statements = statements
        self.failure = failure
    }
}

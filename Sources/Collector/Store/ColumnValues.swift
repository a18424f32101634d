import Foundation
import GRDB

/// Short JSON in a column: lists of strings.
enum JSONText {
    static func encode(_ values: [String]) throws -> String {
        String(decoding: try JSONEncoder().encode(values), as: UTF8.self)
    }

    static func decode(_ text: String?) -> [String] {
        guard let text else { return [] }
        return (try? JSONDecoder().decode([String].self, from: Data(text.utf8))) ?? []
    }
}

extension [UInt8] {
    var data: Data { Data(self) }
}

extension Row {
    /// The bytes of a column; none for NULL.
    func bytes(_ index: Int) -> [UInt8] {
        (self[index] as Data?).map { [UInt8]($0) } ?? []
    }
}

extension String {
    /// As it goes into a column: SQLite takes a NUL for the end, so what follows one would be hidden from whoever
    /// searches. The evidence itself keeps it.
    var column: String { utf8.contains(0) ? replacing("\0", with: "\u{FFFD}") : self }
}

import ArgumentParser
import Foundation
import SQLInspection

/// A file that says which tables there are: `{"shop.customers": ["id", "name"]}`.
enum CatalogFile {
    /// - Throws: an exit code, after saying why.
    static func read(_ path: String) throws -> CatalogSnapshot {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            StandardError.write("stile: \(path): cannot be read: \(error.localizedDescription)\n")
            throw ExitCode.noInput
        }
        guard let tables = try? JSONDecoder().decode([String: [String]].self, from: data) else {
            StandardError.write(
                "stile: \(path): no catalog; it is JSON as in {\"shop.customers\": [\"id\", \"name\"]}\n")
            throw ExitCode.dataError
        }
        return CatalogSnapshot(
            tables: try tables.map { name, columns in
                let parts = name.split(separator: ".", omittingEmptySubsequences: false)
                guard parts.count == 2, !parts.contains(where: \.isEmpty) else {
                    StandardError.write("stile: \(path): '\(name)' is no schema.table\n")
                    throw ExitCode.dataError
                }
                return (String(parts[0]), String(parts[1]), columns)
            })
    }
}

import Foundation
import FuzzHarnesses
import Testing

/// The committed inputs of the fuzzers: seeds, and everything that ever made one fail.
@Suite("Fuzz corpus")
struct CorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Fuzz").standardized

    static func inputs(_ folder: String, of harness: Harness) -> [URL] {
        let path = Self.folder.appendingPathComponent(folder).appendingPathComponent(harness.rawValue)
        let files = try? FileManager.default.contentsOfDirectory(at: path, includingPropertiesForKeys: nil)
        return (files ?? []).sorted { $0.path < $1.path }
    }

    @Test("every input of the corpus goes through its harness", arguments: Harness.allCases)
    func corpus(_ harness: Harness) throws {
        let inputs = Self.inputs("Corpus", of: harness)
        #expect(!inputs.isEmpty)
        for input in inputs {
            #expect(throws: Never.self, "\(input.lastPathComponent)") {
                try harness.run([UInt8](Data(contentsOf: input)))
            }
        }
    }

    @Test("what once failed does not", arguments: Harness.allCases)
    func regressions(_ harness: Harness) throws {
        for input in Self.inputs("Regressions", of: harness) {
            #expect(throws: Never.self, "\(input.lastPathComponent)") {
                try harness.run([UInt8](Data(contentsOf: input)))
            }
        }
    }

    @Test("no input at all, and a little of anything, is taken", arguments: Harness.allCases)
    func little(_ harness: Harness) throws {
        try harness.run([])
        for byte in UInt8.min...UInt8.max {
            try harness.run([byte])
            try harness.run([byte, 0, 0, 0, 4])
        }
    }
}

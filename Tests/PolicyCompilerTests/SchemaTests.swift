import Foundation
import Policy
import PolicyCompiler
import Testing

/// What people read about the keys is made from what the compiler checks. To write the files anew after a change, run the
/// tests with STILE_WRITE_DOCS=1.
@Suite struct SchemaTests {
    private let docs = String(exampleDirectory.dropLast("/examples/policy".count)) + "/docs"
    private let writes = ProcessInfo.processInfo.environment["STILE_WRITE_DOCS"] != nil

    @Test func `the schema that is kept is the one that the compiler writes`() throws {
        let path = "\(docs)/policy.schema.json"
        if writes { try PolicySchema.jsonSchema().write(toFile: path, atomically: true, encoding: .utf8) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == PolicySchema.jsonSchema())
    }

    @Test func `the schema is JSON`() throws {
        let any = try JSONDecoder().decode([String: AnyJSON].self, from: Data(PolicySchema.jsonSchema().utf8))
        #expect(any["oneOf"] != nil)
    }

    @Test func `the reference names every key as the compiler knows it`() throws {
        let path = "\(docs)/policy.md"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let written = try filled(
            filled(text, "keys", PolicySchema.markdownReference()), "verbs", PolicySchema.markdownVerbs())
        if writes { try written.write(toFile: path, atomically: true, encoding: .utf8) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == written)
    }

    @Test func `every verb and every feature has words of its own`() {
        for verb in Verb.allCases {
            #expect(!PolicySchema.markdownVerbs().contains("| `\(verb.name)` | \(verb.name) |"))
        }
        #expect(!PolicySchema.markdownReference().contains("The feature `"))
    }

    /// `text` with what stands between the marks of `section` replaced.
    private func filled(_ text: String, _ section: String, _ content: String) throws -> String {
        let start = try #require(text.range(of: "<!-- \(section): "))
        let startEnd = try #require(text.range(of: "-->\n", range: start.upperBound..<text.endIndex))
        let end = try #require(text.range(of: "<!-- end of \(section) -->"))
        return text[..<startEnd.upperBound] + "\n" + content + text[end.lowerBound...]
    }
}

private struct AnyJSON: Decodable {}

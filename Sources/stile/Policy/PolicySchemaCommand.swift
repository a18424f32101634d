import ArgumentParser
import PolicyCompiler

struct PolicySchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of policy files, for editors.",
        discussion: """
            In an editor with a YAML language server, begin a file with \
            '# yaml-language-server: $schema=PATH' to have keys completed and explained.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case json
        case markdown
    }

    @Option(help: "json, or markdown for the reference of every key.")
    var format = Format.json

    func run() {
        switch format {
        case .json: print(PolicySchema.jsonSchema(), terminator: "")
        case .markdown: print(PolicySchema.markdownReference(), terminator: "")
        }
    }
}

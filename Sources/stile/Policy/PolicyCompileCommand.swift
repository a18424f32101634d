import ArgumentParser
import Foundation
import PolicyCompiler

struct PolicyCompileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compile",
        abstract: "Write the bundle that a sidecar maps, and print its digest.",
        discussion: """
            The same policy gives the same bytes, in whichever files and order it is written. The file is put in place \
            in one step, so that a sidecar that watches it never sees half of it.
            """)

    @Argument(help: "A directory of *.yaml and *.yml files, or one file.")
    var policy: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the bundle goes.", valueName: "file"))
    var output: String

    func run() throws {
        let files = try PolicyInput.read(policy)
        let compiled = try PolicyInput.compile(files, path: policy)
        do {
            try Data(compiled.bundle).write(to: URL(fileURLWithPath: output), options: .atomic)
        } catch {
            let folder = URL(fileURLWithPath: output).deletingLastPathComponent().path
            let reason =
                access(folder, W_OK) == 0
                ? error.localizedDescription : "\(folder): \(String(cString: strerror(errno)))"
            StandardError.write("stile: \(output): cannot be written: \(reason)\n")
            throw ExitCode.cannotCreate
        }
        print(compiled.digestText)
    }
}

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
            StandardError.write("stile: the bundle cannot be written to \(output): \(Self.reason(output))\n")
            throw ExitCode.cannotCreate
        }
        print(compiled.digestText)
    }

    /// Why a file cannot be made there, and the mend.
    private static func reason(_ path: String) -> String {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
            return
                "it is a directory; name a file in it, as in \(path.hasSuffix("/") ? path : path + "/")policy.bundle."
        }
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else {
            return "there is no directory \(folder); make it, or name another place with -o."
        }
        if !isFolder.boolValue { return "\(folder) is no directory; name another place with -o." }
        if !FileManager.default.isWritableFile(atPath: folder) {
            return "the directory \(folder) may not be written to by this user; name another place with -o."
        }
        return "is the disk of \(folder) full, or mounted read-only? Name another place with -o."
    }
}

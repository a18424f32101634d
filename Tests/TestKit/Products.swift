import Foundation

/// The package's own programs, built beside the tests.
public enum Products {
    /// Path of an executable product of this package.
    public static func path(of name: String) -> String {
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        var folder = tests.deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appendingPathComponent(name).path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
            folder.deleteLastPathComponent()
        }
        return FileManager.default.currentDirectoryPath + "/.build/debug/" + name
    }

    /// A Python that has the test clients of dev/requirements.txt; `make test` prepares it and names it here.
    public static var python: String {
        ProcessInfo.processInfo.environment["STILE_TEST_PYTHON"]
            ?? FileManager.default.currentDirectoryPath + "/.build/python/bin/python3"
    }
}

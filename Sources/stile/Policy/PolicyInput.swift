import ArgumentParser
import Foundation
import Policy
import PolicyCompiler

/// Reads a policy's files for a command, and says what is wrong with them.
enum PolicyInput {
    /// - Throws: an exit code, after saying why.
    static func read(_ path: String) throws -> [PolicySource] {
        let files: [PolicySource]
        do {
            files = try PolicyDirectory.read(path)
        } catch {
            StandardError.write("stile: \(error)\n")
            throw ExitCode.noInput
        }
        guard files.first?.bytes.starts(with: "STILEPOL".utf8) != true else {
            StandardError.write("stile: \(path): this is a compiled bundle; name the YAML that it was made of\n")
            throw ExitCode.dataError
        }
        return files
    }

    /// Compiles, and says what is wrong and what may be.
    ///
    /// - Throws: an exit code, after saying why.
    static func compile(_ files: [PolicySource], path: String) throws -> CompiledPolicy {
        do {
            let compiled = try PolicyCompiler.compile(files: files)
            report(compiled.warnings, files: files)
            return compiled
        } catch {
            report(error.diagnostics, files: files)
            StandardError.write("\(path): \(count(error.diagnostics))\n")
            throw ExitCode.dataError
        }
    }

    /// What was compiled, in the form that decides.
    static func bundle(_ compiled: CompiledPolicy) throws -> PolicyBundle {
        do {
            return try PolicyBundle(validating: compiled.bundle)
        } catch {
            StandardError.write("stile: the bundle that was just made is not sound: \(error)\n")
            throw ExitCode.software
        }
    }

    /// Says what is wrong: each diagnostic, and on a terminal the line that it is about.
    static func report(_ diagnostics: [Diagnostic], files: [PolicySource]) {
        let style = TerminalStyle(descriptor: STDERR_FILENO)
        for diagnostic in diagnostics {
            var text = ""
            if let location = diagnostic.location { text += style.bold("\(location): ") }
            switch diagnostic.severity {
            case .error: text += style.red("error: ")
            case .warning: text += style.yellow("warning: ")
            }
            text += style.bold(diagnostic.message)
            if let suggestion = diagnostic.suggestion { text += "; \(suggestion)" }
            text += "\n"
            if style.isTerminal, let location = diagnostic.location {
                text += excerpt(location, files, style)
            }
            for note in diagnostic.notes {
                text += "\(note.location): note: \(note.message)\n"
                if style.isTerminal { text += excerpt(note.location, files, style) }
            }
            StandardError.write(text)
        }
    }

    private static func excerpt(_ location: SourceLocation, _ files: [PolicySource], _ style: TerminalStyle) -> String {
        guard let (source, mark) = SourceExcerpt.lines(for: location, in: files) else { return "" }
        return "    \(source)\n    \(style.green(mark))\n"
    }

    /// "1 error and 2 warnings".
    static func count(_ diagnostics: [Diagnostic]) -> String {
        let errors = diagnostics.count { $0.severity == .error }
        let warnings = diagnostics.count - errors
        var parts: [String] = []
        if errors > 0 { parts.append("\(errors) \(errors == 1 ? "error" : "errors")") }
        if warnings > 0 { parts.append("\(warnings) \(warnings == 1 ? "warning" : "warnings")") }
        return parts.joined(separator: " and ")
    }
}

/// Where messages go, so that output stays output.
enum StandardError {
    static func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}

/// Colours where a terminal shows them, and plain text elsewhere (https://no-color.org is honoured).
struct TerminalStyle {
    let isTerminal: Bool
    private let isColoured: Bool

    init(descriptor: Int32) {
        isTerminal = isatty(descriptor) == 1
        let environment = ProcessInfo.processInfo.environment
        isColoured = isTerminal && environment["NO_COLOR"]?.isEmpty ?? true && environment["TERM"] != "dumb"
    }

    func bold(_ text: String) -> String { wrap(text, "1") }
    func red(_ text: String) -> String { wrap(text, "1;31") }
    func green(_ text: String) -> String { wrap(text, "32") }
    func yellow(_ text: String) -> String { wrap(text, "1;33") }
    func dim(_ text: String) -> String { wrap(text, "2") }

    private func wrap(_ text: String, _ code: String) -> String {
        isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

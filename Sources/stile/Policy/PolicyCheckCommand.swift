import ArgumentParser
import Policy
import PolicyCompiler

struct PolicyCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say everything that is wrong with a policy, and what it comes to.",
        discussion: """
            Faults go to standard error, each as FILE:LINE:COLUMN: error: what is wrong; the mend. What each resource \
            resolved to goes to standard output. Of a file of test cases alone, what can be told without a policy. Exit codes: 0 sound, 65 at fault, 66 not to be read.
            """)

    @Argument(help: "A directory of *.yaml and *.yml files, or one file.")
    var policy: String

    @Flag(help: "Treat warnings as faults.")
    var strict = false

    @Flag(name: .shortAndLong, help: "Say nothing of a sound policy.")
    var quiet = false

    func run() throws {
        let files = try PolicyInput.read(policy)
        if PolicyTestSuite.areAlone(in: files) { return try checkCases(files) }
        let compiled = try PolicyInput.compile(files, path: policy)
        if strict, !compiled.warnings.isEmpty {
            StandardError.write("\(policy): \(PolicyInput.count(compiled.warnings)), and --strict\n")
            throw ExitCode.dataError
        }
        if quiet { return }
        print(PolicySummary.text(of: compiled.model), terminator: "")
        print("policy \(compiled.model.name), \(compiled.model.rules.count) rules, digest \(compiled.digestText)")
    }

    /// Cases without the policy that they are about: what they name in it is looked for when they run.
    private func checkCases(_ files: [PolicySource]) throws {
        do {
            let count = try PolicyTestSuite.read(files, for: nil).reduce(0) { $0 + $1.cases.count }
            if quiet { return }
            print(
                "\(count) test \(count == 1 ? "case" : "cases") and no policy; 'stile policy test POLICY \(policy)' runs them"
            )
        } catch {
            PolicyInput.report(error.diagnostics, files: files)
            StandardError.write("\(policy): \(PolicyInput.count(error.diagnostics))\n")
            throw ExitCode.dataError
        }
    }
}

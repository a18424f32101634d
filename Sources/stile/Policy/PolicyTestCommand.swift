import ArgumentParser
import Foundation
import Policy
import PolicyCompiler
import SQLInspection

struct PolicyTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run test cases against a policy: who, where, statement, request or call, verdict.",
        discussion: """
            Cases are documents of kind PolicyTest, in the policy's own directory or in files of their own. Exit codes: \
            0 when every case holds, 1 when one does not; 65 and 66 as for check.
            """)

    @Argument(help: "A directory of *.yaml and *.yml files, or one file.")
    var policy: String

    @Argument(help: "Files or directories of cases, besides those in the policy's directory.")
    var cases: [String] = []

    @Flag(name: .shortAndLong, help: "Show the cases that hold, too.")
    var verbose = false

    func run() async throws {
        let files = try PolicyInput.read(policy)
        let compiled = try PolicyInput.compile(files, path: policy)
        let bundle = try PolicyInput.bundle(compiled)
        let caseFiles = try files + cases.flatMap(PolicyInput.read)
        let suites: [PolicyTestSuite]
        do {
            suites = try PolicyTestSuite.read(caseFiles, for: compiled.model)
        } catch {
            PolicyInput.report(error.diagnostics, files: caseFiles)
            throw ExitCode.dataError
        }
        guard suites.contains(where: { !$0.cases.isEmpty }) else {
            StandardError.write("stile: no test cases found; they are documents with 'kind: PolicyTest'\n")
            throw ExitCode.noInput
        }
        let style = TerminalStyle(descriptor: STDOUT_FILENO)
        var passed = 0
        var failed = 0
        for suite in suites {
            for testCase in suite.cases {
                let faults = await PolicyTestRun.faults(of: testCase, in: suite, bundle: bundle)
                if faults.isEmpty {
                    passed += 1
                    if verbose { print("\(style.green("ok"))    \(testCase.name)") }
                    continue
                }
                failed += 1
                print("\(style.red("FAIL"))  \(testCase.name) (\(testCase.location))")
                for fault in faults { print("      \(fault)") }
            }
        }
        print("\(passed) \(passed == 1 ? "case holds" : "cases hold"), \(failed) \(failed == 1 ? "does" : "do") not")
        if failed > 0 { throw ExitCode(1) }
    }
}

/// Runs one case.
enum PolicyTestRun {
    /// - Returns: what is not as the case says; empty when all is.
    static func faults(
        of testCase: PolicyTestSuite.Case, in suite: PolicyTestSuite, bundle: PolicyBundle
    ) async -> [String] {
        let (statements, failure) = await judged(testCase, in: suite, bundle: bundle)
        guard let verdict = StatementJudge.verdict(of: statements) else { return ["there is no statement in the text"] }
        var faults: [String] = []
        if verdict.outcome != testCase.outcome {
            faults.append(
                "expected to be \(ExplanationText.word(testCase.outcome)), and it is "
                    + ExplanationText.word(verdict.outcome)
                    + ExplanationText.reason(verdict, isRequest: statements.first?.operation.request != nil))
            if let failure { faults.append("it cannot be read: \(failure)") }
        }
        let deciding = statements.map(\.explanation.verdict).filter { $0.outcome == verdict.outcome }
        let rules = Set(deciding.flatMap(\.rules))
        for rule in testCase.rules where !rules.contains(rule) {
            faults.append(
                "expected '\(rule)' to decide, and "
                    + (rules.isEmpty ? "no rule did" : "it was \(rules.sorted().joined(separator: ", "))"))
        }
        if let message = testCase.message, !deciding.contains(where: { $0.message == message }) {
            faults.append(
                "expected the message '\(message)', and it is "
                    + (verdict.message.map { "'\($0)'" } ?? "not given"))
        }
        if let budgets = testCase.budgets {
            let found = Set(
                statements.flatMap { statement in
                    let verdict = statement.explanation.verdict
                    // Of what is classified an answer counts values alone.
                    let isAnswer = statement.operation.request != nil || statement.operation.call != nil
                    return verdict.budgets.map(\.budget.name)
                        + (isAnswer ? verdict.findingBudgets.map(\.name) : [])
                })
            if found != Set(budgets) {
                faults.append(
                    "expected to count in: \(list(budgets)); it counts in: \(list(found))")
            }
        }
        if let masked = testCase.masked {
            let found = Set(statements.flatMap { $0.masked ?? [] })
            if found != Set(masked) {
                faults.append(
                    "expected to be masked: \(list(masked)); masked are: \(list(found))")
            }
        }
        return faults
    }

    private static func list(_ names: some Collection<String>) -> String {
        names.isEmpty ? "none" : names.sorted().joined(separator: ", ")
    }

    private static func judged(
        _ testCase: PolicyTestSuite.Case, in suite: PolicyTestSuite, bundle: PolicyBundle
    ) async -> ([StatementJudge.Judged], failure: String?) {
        switch testCase.asked {
        case .statement(let sql):
            let judge = StatementJudge(
                bundle: bundle, resource: testCase.resource,
                catalog: suite.catalog.map { tables in
                    CatalogSnapshot(tables: tables.map { ($0.schema, $0.name, $0.columns) })
                }, searchPath: suite.searchPath)
            return await judge.judge(sql, by: testCase.subject)
        case .call(let kind, let name, let arguments):
            let judge = CallJudge(bundle: bundle, resource: testCase.resource)
            return ([judge.judge(kind: kind, name: name, arguments: arguments, by: testCase.subject)], nil)
        case .request(let method, let target, let host):
            let judge = RequestJudge(bundle: bundle, resource: testCase.resource)
            let (request, failure) = judge.judge(method: method, target: target, host: host, by: testCase.subject)
            return ([request], failure)
        }
    }
}

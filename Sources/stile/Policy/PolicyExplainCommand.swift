import ArgumentParser
import Policy
import PolicyCompiler
import SQLInspection

struct PolicyExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say which rules decide a statement, and why.",
        discussion: """
            Without --catalog, the tables of the statement are taken to exist with the columns that it and the policy \
            name. Exit codes: 0 when the statement was judged, whatever the verdict; 64, 65 and 66 as for check.
            """)

    @Argument(help: "A directory of *.yaml and *.yml files, or one file.")
    var policy: String

    @Argument(help: ArgumentHelp("The statement, or several with ';' between them.", valueName: "sql"))
    var sql: String

    @Option(help: "The resource; may be left out when the policy has one.")
    var resource: String?

    @Option(name: .customLong("as"), help: ArgumentHelp("Who asks: the token's sub.", valueName: "sub"))
    var subject: String

    @Option(help: ArgumentHelp("The token's groups, with commas between them.", valueName: "a,b"))
    var groups: String = ""

    @Option(help: "Who acts for the person; may be given several times, the current actor first.")
    var actor: [String] = []

    @Option(help: ArgumentHelp("The token's issuer; the policy's first when left out.", valueName: "url"))
    var issuer: String?

    @Option(help: ArgumentHelp("JSON: each schema.table with the names of its columns.", valueName: "file"))
    var catalog: String?

    @Option(help: ArgumentHelp("Schemas of names that are written without one.", valueName: "a,b"))
    var searchPath = "public"

    @Flag(name: .shortAndLong, help: "Show the rules that do not apply, too, each with the reason.")
    var all = false

    func run() async throws {
        let files = try PolicyInput.read(policy)
        let compiled = try PolicyInput.compile(files, path: policy)
        let judge = StatementJudge(
            bundle: try PolicyInput.bundle(compiled), resource: try resourceName(compiled.model),
            catalog: try catalog.map(CatalogFile.read), searchPath: Self.list(searchPath))
        let subject = Subject(
            id: subject, issuer: issuer ?? compiled.model.issuers.map(\.url).sorted().first ?? "",
            groups: Self.list(groups), actors: actor)
        let (statements, failure) = await judge.judge(sql, by: subject)
        if let failure { print("The statement cannot be read: \(failure)\n") }
        if statements.isEmpty { print("There is no statement in the text: it passes.") }
        for (number, statement) in statements.enumerated() {
            if number > 0 { print("") }
            print(ExplanationText.text(of: statement, showsAll: all), terminator: "")
        }
        if catalog == nil,
            statements.contains(where: { $0.explanation.accesses.contains { !$0.access.columns.isEmpty } })
        {
            StandardError.write(
                "(Tables are taken to have the columns that the statement and the policy name; --catalog tells.)\n")
        }
        if statements.count > 1, let verdict = StatementJudge.verdict(of: statements) {
            print("\nTogether: \(ExplanationText.word(verdict.outcome)).")
        }
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.drop { $0 == " " } }.map(String.init)
    }

    private func resourceName(_ model: PolicyModel) throws -> String {
        let names = model.resources.map(\.name).sorted()
        if let resource {
            guard names.contains(resource) else {
                StandardError.write(
                    "stile: no resource is called '\(resource)'; there are: \(names.joined(separator: ", "))\n")
                throw ExitCode.usage
            }
            return resource
        }
        guard names.count == 1, let name = names.first else {
            StandardError.write("stile: say which --resource: \(names.joined(separator: ", "))\n")
            throw ExitCode.usage
        }
        return name
    }
}

import ArgumentParser
import Policy
import PolicyCompiler
import SQLInspection

struct PolicyExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say which rules decide a statement or a request, and why.",
        discussion: """
            Without --catalog, the tables of the statement are taken to exist with the columns that it and the policy \
            name. Exit codes: 0 when the statement was judged, whatever the verdict; 64, 65 and 66 as for check.
            """)

    @Argument(help: "A directory of *.yaml and *.yml files, or one file.")
    var policy: String

    @Argument(help: ArgumentHelp("The statement, or several with ';' between them.", valueName: "sql"))
    var sql: String?

    @Option(
        help: ArgumentHelp("In place of a statement: a request, as in 'GET /v1/customers/7'.", valueName: "request"))
    var request: String?

    @Option(help: "The host that the request goes to; the upstream's when left out.")
    var host: String?

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

    func validate() throws {
        guard (sql == nil) != (request == nil) else {
            throw ValidationError("Say what is asked: SQL, or a request with --request 'GET /v1/customers/7'.")
        }
        guard let request else {
            if host != nil { throw ValidationError("--host belongs to --request.") }
            return
        }
        guard request.split(separator: " ", omittingEmptySubsequences: false).count == 2 else {
            throw ValidationError("A request is a method and a target, as in 'GET /v1/customers/7'.")
        }
    }

    func run() async throws {
        let files = try PolicyInput.read(policy)
        let compiled = try PolicyInput.compile(files, path: policy)
        let bundle = try PolicyInput.bundle(compiled)
        let subject = Subject(
            id: subject, issuer: issuer ?? compiled.model.issuers.map(\.url).sorted().first ?? "",
            groups: Self.list(groups), actors: actor)
        if let request { return try explain(request, by: subject, compiled.model, bundle) }
        let judge = StatementJudge(
            bundle: bundle, resource: try resourceName(compiled.model, speaking: .postgres),
            catalog: try catalog.map(CatalogFile.read), searchPath: Self.list(searchPath))
        let (statements, failure) = await judge.judge(sql ?? "", by: subject)
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

    private func explain(_ request: String, by subject: Subject, _ model: PolicyModel, _ bundle: PolicyBundle) throws {
        let parts = request.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let judge = RequestJudge(bundle: bundle, resource: try resourceName(model, speaking: .http))
        let (judged, failure) = judge.judge(method: parts[0], target: parts[1], host: host, by: subject)
        if let failure { print("The request cannot be read, and the sidecar refuses it: \(failure)\n") }
        print(ExplanationText.text(of: judged, showsAll: all), terminator: "")
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.drop { $0 == " " } }.map(String.init)
    }

    private func resourceName(_ model: PolicyModel, speaking wanted: Resource.ProtocolName) throws -> String {
        if let resource {
            let names = model.resources.map(\.name).sorted()
            guard let found = model.resources.first(where: { $0.name == resource }) else {
                StandardError.write(
                    "stile: no resource is called '\(resource)'; there are: \(names.joined(separator: ", "))\n")
                throw ExitCode.usage
            }
            guard found.protocolName.takesRequests == wanted.takesRequests else {
                let (what, how) = wanted == .http ? ("a database", "in SQL") : ("an API", "with --request 'GET /…'")
                StandardError.write("stile: '\(resource)' is \(what), and is asked \(how)\n")
                throw ExitCode.usage
            }
            return resource
        }
        let names = model.resources.filter { $0.protocolName.takesRequests == wanted.takesRequests }.map(\.name)
            .sorted()
        guard !names.isEmpty else {
            StandardError.write("stile: the policy has no \(wanted == .http ? "API" : "database")\n")
            throw ExitCode.usage
        }
        guard names.count == 1, let name = names.first else {
            StandardError.write("stile: say which --resource: \(names.joined(separator: ", "))\n")
            throw ExitCode.usage
        }
        return name
    }
}

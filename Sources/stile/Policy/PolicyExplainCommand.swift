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

    @Option(help: "In place of a statement: the tool of an MCP server that is called.")
    var tool: String?

    @Option(
        help: ArgumentHelp("In place of a statement: the resource of an MCP server that is read.", valueName: "uri"))
    var uri: String?

    @Option(help: "In place of a statement: the prompt of an MCP server that is asked for.")
    var prompt: String?

    @Option(help: ArgumentHelp("The arguments of --tool or --prompt.", valueName: "json"))
    var arguments: String?

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
        guard [sql, request, tool, uri, prompt].count(where: { $0 != nil }) == 1 else {
            throw ValidationError(
                "Say what is asked: SQL, a request with --request 'GET /v1/customers/7', or a call with --tool, --uri or --prompt."
            )
        }
        if arguments != nil, tool == nil, prompt == nil {
            throw ValidationError("--arguments belongs to --tool and to --prompt.")
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
        if let call { return try explain(call, by: subject, compiled.model, bundle) }
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

    private var call: (kind: String, name: String)? {
        [(CallFacts.tool, tool), (CallFacts.resource, uri), (CallFacts.prompt, prompt)].lazy
            .compactMap { kind, name in name.map { (kind, $0) } }.first
    }

    private func explain(
        _ call: (kind: String, name: String), by subject: Subject, _ model: PolicyModel, _ bundle: PolicyBundle
    ) throws {
        var value = ArgumentValue.empty
        if let arguments {
            guard let read = try? ArgumentValue(json: Array(arguments.utf8)), read.members != nil else {
                StandardError.write("stile: --arguments is no object of JSON\n")
                throw ExitCode.usage
            }
            value = read
        }
        let judge = CallJudge(bundle: bundle, resource: try resourceName(model, speaking: .mcp))
        let judged = judge.judge(kind: call.kind, name: call.name, arguments: value, by: subject)
        print(ExplanationText.text(of: judged, showsAll: all), terminator: "")
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

    /// Whether what is asked of the one is written as what is asked of the other.
    private static func isAsked(_ found: Resource.ProtocolName, like wanted: Resource.ProtocolName) -> Bool {
        found == wanted || found.takesRequests && wanted.takesRequests
    }

    private func resourceName(_ model: PolicyModel, speaking wanted: Resource.ProtocolName) throws -> String {
        if let resource {
            let names = model.resources.map(\.name).sorted()
            guard let found = model.resources.first(where: { $0.name == resource }) else {
                StandardError.write(
                    "stile: no resource is called '\(resource)'; there are: \(names.joined(separator: ", "))\n")
                throw ExitCode.usage
            }
            guard Self.isAsked(found.protocolName, like: wanted) else {
                let (what, how) =
                    switch found.protocolName {
                    case .postgres: ("a database", "in SQL")
                    case .http, .egress: ("an API", "with --request 'GET /…'")
                    case .mcp: ("an MCP server", "with --tool, --uri or --prompt")
                    }
                StandardError.write("stile: '\(resource)' is \(what), and is asked \(how)\n")
                throw ExitCode.usage
            }
            return resource
        }
        let names = model.resources.filter { Self.isAsked($0.protocolName, like: wanted) }.map(\.name)
            .sorted()
        guard !names.isEmpty else {
            let what = [.http: "API", .mcp: "MCP server"][wanted] ?? "database"
            StandardError.write("stile: the policy has no \(what)\n")
            throw ExitCode.usage
        }
        guard names.count == 1, let name = names.first else {
            StandardError.write("stile: say which --resource: \(names.joined(separator: ", "))\n")
            throw ExitCode.usage
        }
        return name
    }
}

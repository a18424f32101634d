import ArgumentParser

/// What platform teams do with a policy before and after they ship it.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Check, compile, explain and test a policy.",
        subcommands: [
            PolicyCheckCommand.self, PolicyCompileCommand.self, PolicyExplainCommand.self, PolicyTestCommand.self,
            PolicySchemaCommand.self,
        ]
    )
}

import ArgumentParser

/// Keys and tokens for demonstrations, tests and laptops that have no identity provider.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make keys and sign tokens for demonstrations and tests.",
        discussion: """
            This stands in for an identity provider where there is none. Whoever holds the key can be anybody: never \
            name such a key in the policy of a production resource.
            """,
        subcommands: [TokenKeyCommand.self, TokenSignCommand.self]
    )
}

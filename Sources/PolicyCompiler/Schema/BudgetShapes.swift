import Policy

/// The tables of a budget's keys.
enum BudgetShapes {
    static let budget = ObjectShape(
        title: "a budget", path: "budgets[]",
        purpose: """
            One statement may be fine and a thousand like it a copy of the table. A budget bounds what a person is shown, \
            whatever statements it takes. It needs a limit at least.
            """,
        keys: [
            KeyShape("name", .text(.name), required: true, "Names the budget in records and messages."),
            KeyShape("on", .list(of: .text(.name)), absent: "all", "The resources that it is about."),
            KeyShape(
                "to", .object(RuleShapes.subjects), absent: "everybody whose token is accepted",
                "Whom it is about. Each person has a budget of their own."),
            KeyShape("of", .object(data), absent: "every table", "Whose rows count."),
            KeyShape(
                "rowsPerStatement", .integer(1...1_000_000_000),
                "Rows that one statement may show; the rest of its result is withheld."),
            KeyShape(
                "rowsPerSubject", .integer(1...1_000_000_000_000), "Rows that a person may be shown in the window."),
            KeyShape(
                "valuesPerSubject", .integer(1...Int(Budget.maximumValues)),
                "Different values of the classifications' columns that a person may be shown in the window."),
            KeyShape(
                "window", .duration(Budget.minimumWindow...Budget.maximumWindow), absent: "`1d`",
                "The stretch of time that slides along, in which rows and values are counted."),
            KeyShape(
                "then",
                .choice([
                    Choice(name: "deny", meaning: "statements are refused until the window has moved on"),
                    Choice(name: "hold", meaning: "each statement waits until a person approves it"),
                ]), absent: "`deny`", "What happens once the window's rows or values are spent."),
            KeyShape("approval", .object(RuleShapes.approval), "Who may approve what `then: hold` holds, and how."),
            KeyShape("message", .text(.prose), "What the agent is told when the budget is spent."),
            KeyShape("description", .text(.prose), "For people."),
        ])

    static let data = ObjectShape(
        title: "'of'", path: "budgets[].of",
        purpose: "Every key that is there must hold, for one and the same table; within a key one entry is enough.",
        keys: [
            KeyShape("tables", .list(of: .text(.objectPattern)), "The table is one of these."),
            KeyShape(
                "classification", .list(of: .text(.name)), "A column of one of these classifications is shown."),
        ])
}

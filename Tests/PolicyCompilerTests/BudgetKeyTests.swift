import Policy
import PolicyCompiler
import Testing

/// What the compiler says of budgets.
@Suite struct BudgetKeyTests {
    private func budget(_ body: String) -> [String] {
        diagnostics("budgets:\n  - { name: b, \(body) }\n")
    }

    @Test func `a budget that limits nothing is none`() {
        #expect(
            budget("of: { tables: a.b }") == [
                "p.yaml:4:13: error: the budget 'b' limits nothing; add 'rowsPerStatement', 'rowsPerSubject' or 'valuesPerSubject'"
            ])
    }

    @Test func `a window counts from statement to statement`() {
        #expect(
            budget("rowsPerStatement: 5, window: 1h") == [
                "p.yaml:4:37: error: 'window' is about what is counted from statement to statement, and 'b' counts each alone; add 'rowsPerSubject' or 'valuesPerSubject', or leave 'window' out"
            ])
        #expect(
            budget("rowsPerSubject: 5, window: 10s") == [
                "p.yaml:4:43: error: window: '10s' is out of range; between 1m and 31d"
            ])
    }

    @Test func `what is held needs somebody who can approve it`() {
        #expect(
            budget("rowsPerSubject: 5, then: hold") == [
                "p.yaml:4:35: error: nobody could approve what the budget 'b' holds; add 'approval: { by: { groups: [ … ] } }'"
            ])
        #expect(
            budget("rowsPerSubject: 5, approval: { by: { groups: a } }") == [
                "p.yaml:4:35: error: 'approval' belongs to 'then: hold', and 'b' holds nothing; write 'then: hold', or leave 'approval' out"
            ])
    }

    @Test func `values are some classification's, and told apart by its mask`() {
        #expect(
            budget("valuesPerSubject: 5") == [
                "p.yaml:4:16: error: 'valuesPerSubject' does not say of what; add 'of: { classification: … }'"
            ])
        #expect(
            budget("valuesPerSubject: 5, of: { classification: pii }") == [
                "p.yaml:4:16: warning: 'valuesPerSubject' of 'b' is never spent: the masks of pii show nothing of a value; count rows, with 'rowsPerSubject'"
            ])
    }

    @Test func `names must be somebody's`() {
        #expect(
            budget("rowsPerSubject: 5, on: dbb, of: { classification: phii }") == [
                "p.yaml:4:39: error: no resource is called 'dbb'; did you mean 'db'?",
                "p.yaml:4:66: error: no classification is called 'phii'; did you mean 'phi'?",
            ])
        #expect(
            diagnostics("budgets:\n  - { name: b, rowsPerSubject: 1 }\n  - { name: b, rowsPerSubject: 2 }\n") == [
                "p.yaml:5:13: error: the budget 'b' is defined twice; rename or remove one of the two",
                "p.yaml:4:13: note: the first is here",
            ])
    }

    @Test func `the bundle keeps all of it`() throws {
        let text =
            soundBase
                + """
                ---
                apiVersion: stile.dev/v1
                kind: Policy
                budgets:
                  - name: reads
                    on: db
                    to: { groups: [b, a], subjects: "*@example.com" }
                    of: { tables: "shop.*", classification: phi }
                    rowsPerStatement: 100
                    rowsPerSubject: 1000
                    window: 8h
                    then: hold
                    approval: { by: { groups: sec } }
                    message: Enough for today.
                  - { name: plain, rowsPerSubject: 7 }
                """
        let compiled = try PolicyCompiler.compile(files: [PolicySource(name: "p.yaml", text: text)])
        let budgets = try PolicyBundle(validating: compiled.bundle).budgets
        #expect(budgets.map(\.name) == ["plain", "reads"])
        #expect(
            budgets.last
                == Budget(
                    name: "reads", resources: ["db"],
                    subjects: SubjectMatch(groups: ["a", "b"], subjects: ["*@example.com"]), objects: ["shop.*"],
                    classifications: ["phi"], rowsPerStatement: 100, rowsPerSubject: 1_000, windowSeconds: 28_800,
                    then: .hold, approval: ApprovalTerms(groups: ["sec"]), message: "Enough for today."))
        #expect(budgets.first == Budget(name: "plain", rowsPerSubject: 7, windowSeconds: 86_400))
    }
}

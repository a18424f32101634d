import PolicyCompiler
import Testing

/// A rule that could never fire is a belief that is not true.
@Suite struct ReachabilityTests {
    @Test func `an allow that a deny shadows is refused`() {
        #expect(
            diagnostics(
                """
                rules:
                  - { name: no-writing, deny: [write, ddl] }
                  - { name: tickets, allow: [insert, update], on: db, where: { tables: shop.tickets } }

                """) == [
                    "p.yaml:5:13: error: the rule 'tickets' could never fire: 'no-writing' denies all that it allows; remove it, or narrow 'no-writing'",
                    "p.yaml:4:13: note: 'no-writing' is here",
                ])
    }

    @Test(arguments: [
        // Narrower in one dimension, or only observed: the other rule has a chance.
        "deny: [write, ddl], to: { groups: interns }",
        "deny: [write, ddl], where: { tables: 'hr.*' }",
        "deny: [write, ddl], where: { unbounded: true }",
        "deny: [insert, ddl]",
        "deny: [write, ddl], mode: observe",
    ])
    func `a deny that leaves something over shadows nothing`(deny: String) {
        #expect(
            diagnostics(
                """
                rules:
                  - { name: no-writing, \(deny) }
                  - { name: tickets, allow: [insert, update], on: db, where: { tables: shop.tickets } }

                """) == [])
    }

    @Test func `shadows are seen through globs`() {
        #expect(
            diagnostics(
                """
                rules:
                  - { name: no-hr, deny: "*", where: { tables: "hr*.*" } }
                  - { name: pay, hold: read, where: { tables: hr_eu.pay }, approval: { by: { groups: boss } } }

                """
            ).first
                == "p.yaml:5:13: error: the rule 'pay' could never fire: 'no-hr' denies all that it holds; remove it, or narrow 'no-hr'"
        )
    }

    @Test func `a deny that another makes superfluous is warned of`() {
        #expect(
            diagnostics(
                """
                rules:
                  - { name: no-writing, deny: write }
                  - { name: no-inserts, deny: insert }

                """) == [
                    "p.yaml:5:13: warning: the rule 'no-inserts' adds nothing: 'no-writing' denies all that it does; remove it, or narrow 'no-writing'",
                    "p.yaml:4:13: note: 'no-writing' is here",
                ])
    }

    @Test func `a hold of what nothing allows is refused`() {
        #expect(
            ruleDiagnostics("name: h, hold: delete, approval: { by: { groups: boss } }") == [
                "p.yaml:4:13: error: the rule 'h' could never fire: no rule allows what it holds, so it is denied at once; allow it in a rule of its own; hold beats allow"
            ])
    }

    @Test func `a hold needs somebody who may approve`() {
        #expect(
            ruleDiagnostics("name: h, hold: read") == [
                "p.yaml:4:13: error: the hold rule 'h' does not say who may approve; add 'approval: { by: { groups: [ … ] } }'"
            ])
    }

    @Test func `keys that belong to other effects are refused`() {
        #expect(
            ruleDiagnostics("name: d, deny: delete, vouch: { functions: f }, approval: { by: { groups: boss } }") == [
                "p.yaml:4:30: error: 'vouch' belongs to allow rules, and 'd' is a deny rule; vouch in the rule that allows the table",
                "p.yaml:4:55: error: 'approval' belongs to hold rules, and 'd' is a deny rule; write 'hold' in place of 'deny', or remove it",
            ])
        #expect(
            ruleDiagnostics("name: a, allow: write, where: { functions: f }, message: hello") == [
                "p.yaml:4:39: error: an allow rule names the functions that it answers for under 'vouch'; move them: 'vouch: { functions: [ … ] }'",
                "p.yaml:4:55: warning: nobody is ever told the message of an allow rule; use 'description' for notes",
            ])
    }

    @Test func `a rule has one effect`() {
        #expect(
            ruleDiagnostics("name: d, deny: delete, allow: read") == [
                "p.yaml:4:30: error: a rule has one of 'allow', 'hold' or 'deny', and this has 'deny' and 'allow'; keep one",
                "p.yaml:4:16: note: 'deny' is here",
            ])
        #expect(
            ruleDiagnostics("name: d, on: db") == ["p.yaml:4:5: error: a rule needs one of 'allow', 'hold' or 'deny'"])
    }

    @Test func `a classification that only detectors find decides nothing`() {
        #expect(
            ruleDiagnostics("name: d, deny: read, where: { classification: found }") == [
                "p.yaml:4:37: error: the rule 'd' could never fire: 'found' has no columns, and what a detector finds is known only once the rows are there; add 'columns' to the classification"
            ])
    }

    @Test func `conditions that exclude each other are refused`() {
        #expect(
            ruleDiagnostics("name: d, deny: read, where: { classification: phi, tables: 'shop.*' }") == [
                "p.yaml:4:37: error: the rule 'd' could never fire: 'phi' has no column in the tables and columns that it names"
            ])
        #expect(
            ruleDiagnostics("name: d, deny: read, where: { tables: 'shop.*', columns: 'hr.*.*' }") == [
                "p.yaml:4:55: error: the rule 'd' could never fire: no table of 'tables' has a column of 'columns'"
            ])
        #expect(
            ruleDiagnostics("name: a, allow: read, where: { secrets: true }") == [
                "p.yaml:4:38: error: the rule 'a' could never fire: what has 'secrets' is refused unless the rule vouches for it; add 'vouch: { features: [secrets] }'"
            ])
    }

    @Test func `reading the server's catalog has a verb of its own`() {
        #expect(
            ruleDiagnostics("name: d, deny: read, where: { tables: pg_catalog.pg_stats }") == [
                "p.yaml:4:37: error: the rule 'd' could never fire: reading the server's own catalog is 'describe'; write 'deny: describe'"
            ])
        #expect(ruleDiagnostics("name: d, deny: describe, where: { tables: pg_catalog.pg_stats }") == [])
    }

    @Test func `a condition on tables for what touches none is refused`() {
        #expect(
            ruleDiagnostics("name: d, deny: [listen, notify], where: { tables: 'shop.*' }") == [
                "p.yaml:4:47: error: the rule 'd' could never fire: 'listen' and 'notify' touch no table"
            ])
    }

    @Test func `unknown names are told with the nearest known one`() {
        #expect(
            ruleDiagnostics("name: d, deny: read, on: bd, where: { classification: [pi, cards] }") == [
                "p.yaml:4:32: error: no resource is called 'bd'; did you mean 'db'?",
                "p.yaml:4:62: error: no classification is called 'pi'; did you mean 'pii'?",
                "p.yaml:4:66: error: no classification is called 'cards'; those defined are: found, phi, pii",
            ])
    }

    @Test func `a resource that no rule allows anything on is warned of`() {
        let policy = soundBase.replacing("allow: read, to", with: "mode: observe, allow: read, to")
        #expect(
            diagnostics(of: [PolicySource(name: "p.yaml", text: policy)]) == [
                "p.yaml:6:3: warning: no rule allows anything on 'db': everything there is denied; add a rule with 'allow' and 'on: db'"
            ])
    }
}

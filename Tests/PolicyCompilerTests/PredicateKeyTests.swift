import Policy
import PolicyCompiler
import Testing

/// What the compiler says of a classification's `predicates`, `approval` and `aggregates`.
@Suite struct PredicateKeyTests {
    private func classification(_ body: String) -> [String] {
        diagnostics("classifications:\n  ids: { \(body) }\n")
    }

    @Test func `a word that is none is named with those that are`() {
        #expect(
            classification("columns: a.b.c, predicates: denied") == [
                "p.yaml:4:38: error: predicates: 'denied' is not known here; one of: deny, hold, lookup, allow"
            ])
    }

    @Test func `what is held needs somebody who can approve it`() {
        #expect(
            classification("columns: a.b.c, predicates: hold") == [
                "p.yaml:4:26: error: nobody could approve what 'predicates: hold' of 'ids' holds; add 'approval: { by: { groups: [ … ] } }'"
            ])
        #expect(
            classification("columns: a.b.c, approval: { by: { groups: a } }") == [
                "p.yaml:4:26: error: 'approval' belongs to 'predicates: hold', and 'ids' holds nothing; write 'predicates: hold', or leave 'approval' out"
            ])
        #expect(classification("columns: a.b.c, predicates: hold, approval: { by: { groups: a } }") == [])
    }

    @Test func `without columns there is nothing to decide by and nothing to sum up`() {
        #expect(
            classification("detectors: email, predicates: deny, aggregates: { minimumRows: 5 }") == [
                "p.yaml:4:28: error: 'predicates' is about columns and keys of JSON, and 'ids' has none; say where it lives ('columns', 'jsonKeys'), or leave 'predicates' out",
                "p.yaml:4:46: error: 'aggregates' is about columns, and 'ids' has none; say where it lives ('columns'), or leave 'aggregates' out",
            ])
    }

    @Test func `a sum of one row is that row`() {
        #expect(
            classification("columns: a.b.c, aggregates: { minimumRows: 1 }") == [
                "p.yaml:4:53: error: minimumRows: expected a whole number between 2 and 1000000, found '1'"
            ])
    }

    @Test func `the bundle keeps all of it`() throws {
        let text =
            soundBase
                + """
                ---
                apiVersion: stile.dev/v1
                kind: Policy
                classifications:
                  plain: { columns: a.b.plain }
                  held:
                    columns: a.b.c
                    predicates: hold
                    approval: { by: { groups: [x, y] }, within: 5m }
                    aggregates: { minimumRows: 12 }
                """
        let compiled = try PolicyCompiler.compile(files: [PolicySource(name: "p.yaml", text: text)])
        let bundle = try PolicyBundle(validating: compiled.bundle)
        let held = try #require(bundle.classifications.first { $0.name == "held" })
        #expect(held.predicates == .hold)
        #expect(held.approval == ApprovalTerms(groups: ["x", "y"], withinSeconds: 300))
        #expect(held.aggregatedRows == 12)
        #expect(bundle.columnClass(resource: "db", column: ["a", "b", "c"])?.aggregatedRows == 12)
        let plain = try #require(bundle.classifications.first { $0.name == "plain" })
        #expect(plain.predicates == .lookup)
        #expect(plain.aggregatedRows == nil)
    }
}

import SQLInspection
import Testing

/// Swift takes canonically equivalent strings for equal, the server compares bytes.
struct LookAlikeTests {
    /// U+212A, which is canonically the letter K.
    private static let kelvin = "\u{212A}"

    @Test(
        "A statement that spells one name in two ways is refused",
        arguments: [
            "with \"\(kelvin)unden\" as (select 'x' as ssn) select reverse(ssn) from \"Kunden\"",
            "select reverse(\"K\") from (select 'x' as \"\(kelvin)\", ssn as \"K\" from customers) s",
            "select reverse(\"K\") from (select 'x' as U&\"\\212A\", ssn as \"K\" from customers) s",
            "select reverse(\"é\") from (select 'x' as \"e\u{301}\", ssn as \"é\" from customers) s",
        ])
    func spellings(text: String) {
        #expect(throws: StatementError.self) { try StatementInspector().parse(Array(text.utf8)) }
    }

    @Test("One spelling of such a name is judged as any other") func oneSpelling() throws {
        #expect(try StatementInspector().parse(Array("select 'é' as \"é\"".utf8)).statements.count == 1)
    }

    @Test("The catalog finds a relation by its bytes, and none that another could be taken for") func catalog() {
        let columns = [CatalogSnapshot.Column(number: 1, name: "a", typeOID: 25)]
        let one = CatalogSnapshot(relations: [.init(oid: 1, schema: "s", name: "K", kind: .table, columns: columns)])
        #expect(one.relation(schema: "s", name: "K")?.oid == 1)
        #expect(one.relation(schema: "s", name: Self.kelvin) == nil)
        let both = CatalogSnapshot(relations: [
            .init(oid: 1, schema: "s", name: "K", kind: .table, columns: columns),
            .init(oid: 2, schema: "s", name: Self.kelvin, kind: .table, columns: columns),
        ])
        #expect(both.relation(schema: "s", name: "K") == nil)
        #expect(both.relation(schema: "s", name: Self.kelvin) == nil)
        let columnsAlike = CatalogSnapshot(relations: [
            .init(
                oid: 1, schema: "s", name: "t", kind: .table,
                columns: columns + [
                    .init(number: 2, name: "K", typeOID: 25), .init(number: 3, name: Self.kelvin, typeOID: 25),
                ])
        ])
        #expect(columnsAlike.relation(schema: "s", name: "t") == nil)
    }
}

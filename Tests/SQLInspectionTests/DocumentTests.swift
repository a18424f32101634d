import SQLInspection
import Testing

/// Under which keys of documents a value stood.
@Suite struct DocumentTests {
    /// `d` and `j` are documents; `h` is one of a type that only the catalog's reader knows; `t` is text.
    private static let catalog = CatalogSnapshot(relations: [
        .init(
            oid: 1, schema: "shop", name: "visits", kind: .table,
            columns: [
                .init(number: 1, name: "id", typeOID: 23), .init(number: 2, name: "d", typeOID: 3802),
                .init(number: 3, name: "j", typeOID: 114),
                .init(number: 4, name: "h", typeOID: 20_000, holdsDocuments: true),
                .init(number: 5, name: "t", typeOID: 25),
            ]),
        .init(
            oid: 2, schema: "shop", name: "seen", kind: .view, columns: [.init(number: 1, name: "who", typeOID: 25)],
            definition: "SELECT (visits.d -> 'seen_by'::text) ->> 'name'::text AS who FROM shop.visits"),
    ])

    private func analysis(_ sql: String) throws -> StatementAnalysis {
        let parsed = try StatementInspector().parse(Array(sql.utf8))
        let analyses = parsed.analyze(
            catalog: Self.catalog, scope: ResolutionScope(searchPath: ["pg_catalog", "shop", "public"]))
        return try #require(analyses.first)
    }

    private func output(_ sql: String) throws -> DocumentPart? {
        try #require(analysis(sql).outputs?.last).document
    }

    @Test(
        "What is taken out by constant keys has the last of them, and all",
        arguments: [
            "d->'seen_by'->>'name'", "d #>> '{seen_by,name}'", "d #> '{seen_by, \"name\"}'", "d['seen_by']['name']",
            "j->'seen_by'->'name'", "jsonb_extract_path_text(d, 'seen_by', 'name')",
            "json_extract_path(j, variadic array['seen_by', 'name'])", "d #>> array['seen_by', 'name']",
            "(d->'seen_by'->>'name')::text", "(d->'seen_by'->>'name') collate \"C\"", "h->'seen_by'->'name'",
            "d->'seen_by'->>'name'::text", "t::jsonb->'seen_by'->>'name'", "(v).d->'seen_by'->>'name'",
            "(v).d['seen_by']['name']", "(select d->'seen_by'->>'name')", "to_jsonb(v)->'seen_by'->'name'",
            "d->'seen_by'->>E'n\\x61me'", "d->'seen_by' operator(pg_catalog.->>) 'name'",
        ])
    func constantKeys(value: String) throws {
        let part = try #require(try output("select \(value) from visits v"))
        #expect(part.keys == ["name", "seen_by"])
        #expect(part.key == "name")
        #expect(!part.isUntold)
    }

    @Test func `names that stand for a path go with it`() throws {
        for sql in [
            "select x from (select d->'seen_by'->>'name' as x from visits) s",
            "with s as (select d->'seen_by' as x from visits) select x->>'name' from s", "select who from seen",
            "select r.name from visits, jsonb_to_record(d->'seen_by') as r(name text)",
            "select x->>'name' from visits, jsonb_extract_path(d, 'seen_by') x",
        ] {
            let part = try #require(try output(sql), "\(sql)")
            #expect(part.keys == ["name", "seen_by"], "\(sql)")
            #expect(part.key == "name", "\(sql)")
        }
    }

    @Test(
        "What is computed from it is no longer the value, and keeps its keys",
        arguments: [
            "upper(d->>'name')", "coalesce(d->>'name', '')", "(d->>'name')::int", "length(d->>'name')",
            "max(d->>'name')", "array_agg(d->>'name')", "(array_agg(d->>'name'))[1]", "substr(d->>'name', 2)",
            "d->>'name' || 'x'", "case when id > 1 then d->>'name' end", "jsonb_build_object('x', d->'name')",
            "d->'name'->0", "jsonb_array_elements(d->'name')", "jsonb_set(d, '{x}', d->'name')",
        ])
    func computed(value: String) throws {
        let part = try #require(try output("select \(value) from visits"))
        #expect(part.keys.contains("name"))
        #expect(part.key == nil)
    }

    @Test(
        "What cannot be told from the statement is said so",
        arguments: [
            "d->>t", "d->>$1", "d #>> $1", "d #>> string_to_array('seen_by,name', ',')", "d->>('na' || 'me')",
            "d[t]", "d[$1]", "jsonb_extract_path_text(d, t)", "jsonb_path_query(d, '$.seen_by.name')",
            "jsonb_path_query_first(d, '$.seen_by.name')", "jsonb_each_text(d)", "(jsonb_each_text(d)).value",
            "substr(d::text, 25)", "d::text || ''", "'x' || (d::text)", "left(j::text, 99)", "d::varchar(20)",
            "d::text::bytea", "reverse(d::text)", "replace(d::text, 'name', 'nom')::jsonb", "row(d)", "v", "v::text",
            "split_part(d->>'seen_by', ':', 2)", "format('%s', d)", "concat(d, '')", "string_agg(d::text, '')",
            "xmlelement(name a, d)", "encode(convert_to(d::text, 'UTF8'), 'hex')", "svals(h)", "md5(d->>'seen_by')",
            "jsonb_to_record(d)", "d->>'name'::char(2)", "to_tsvector(d)", "greatest(d->>'seen_by', 'x')",
            "jsonb_object(array_agg(d::text))", "d::text like '%x%'", "(array[d])::text",
            "array_to_string(array[d], '')",
            "h::text", "array_agg(h)", "array[h]",
        ])
    func untold(value: String) throws {
        let part = try #require(try output("select \(value) from visits v"), "\(value)")
        #expect(part.isUntold)
    }

    @Test func `items of FROM that spread a document out are not told, but for its keys`() throws {
        let each = "from visits, jsonb_each_text(d) e"
        #expect(try output("select e.value \(each)")?.isUntold == true)
        #expect(try output("select e.key \(each)") == nil)
        #expect(try output("select e \(each)")?.isUntold == true)
        let loop = """
            with recursive r(v, n) as (select d::text, 1 from visits union all select substr(v, 2), n + 1 from r where n < 9) \
            select v from r
            """
        #expect(try output(loop)?.isUntold == true)
    }

    @Test(
        "What shows all keys it came with needs no telling",
        arguments: [
            "d", "d::text", "d::jsonb::json", "d->'seen_by'->0->'x' is null", "jsonb_pretty(d)", "json_agg(d)",
            "upper(d::text)", "to_jsonb(v)", "row_to_json(v)", "jsonb_build_object('a', d)", "d - 'x'", "d || '{}'",
            "coalesce(d, '{}')", "array_agg(d)", "jsonb_typeof(d)", "jsonb_array_length(d)", "jsonb_object_keys(d)",
            "d ? 'name'", "t", "substr(t, 2)", "count(d)", "'{\"name\": 1}'::jsonb->>'name'", "jsonb_array_elements(d)",
            "t || id", "id + 1",
        ])
    func whole(value: String) throws {
        let part = try output("select \(value) from visits v")
        #expect(part == nil || part?.isUntold == false && part?.keys.contains("name") == false)
    }

    private func uses(_ condition: String) throws -> [String?: RelationAccess.Use] {
        let uses = try analysis("select id from visits v where \(condition)").documentUses
        let documents = uses.filter { ["d", "h"].contains($0.column.column) }
        #expect(documents.isEmpty == uses.isEmpty)
        return Dictionary(documents.map { ($0.key, $0.use) }) { $0.union($1) }
    }

    @Test(
        "A value under a constant key is looked up",
        arguments: [
            "d->'seen_by'->>'name' = 'Dr 1'", "d->>'name' in ('a', 'b')", "d['name'] = '\"x\"'",
            "d @> '{\"seen_by\": {\"name\": \"Dr 1\"}}'", "d @> '{\"n\\u0061me\": 1}'::jsonb", "$1 = d->>'name'",
        ])
    func lookups(condition: String) throws {
        #expect(try uses(condition)["name"] == .lookup)
        #expect(try uses(condition)[nil] == nil)
    }

    @Test(
        "A value under a constant key decides",
        arguments: [
            "d->>'name' like 'Dr 1%'", "d->>'name' > 'a'", "d->>'name' is null", "upper(d->>'name') = 'X'",
            "d->>'name' = t", "(d->>'name')::int = 4", "d->>'name' <> 'x'", "length(d->>'name') > 3",
            "d->>'name' in ('1','2','3','4','5','6','7','8','9','10','11')", "d->>'name' ~ '^D'",
        ])
    func predicates(condition: String) throws {
        #expect(try uses(condition)["name"]?.contains(.predicate) == true)
    }

    @Test(
        "What decides and cannot be told is said so",
        arguments: [
            "d::text like '%Dr 1%'", "d->>'seen_by' like '%Dr 1%'", "d->>'seen_by' > '{\"name\": \"Dr'", "d @> $1",
            "d @? '$.name'", "d->>t like 'x'", "regexp_match(d::text, 'Dr') is not null", "d > '{}'",
            "id in (select 1 from visits order by d->>'seen_by')", "exists (select jsonb_path_query(d, '$.name'))",
            "id = (select max(id) from visits order by d limit 1)", "substr(d::text, 3, 1) = 'x'",
            "(select value from jsonb_each_text(d) where value like 'x') is null",
            "(d->>'seen_by') between 'a' and 'b'",
            "h @> 'name=>x'",
        ])
    func untoldPredicates(condition: String) throws {
        #expect(try uses(condition)[nil]?.contains(.predicate) == true)
    }

    @Test(
        "What holds no key decides by none",
        arguments: [
            "d->>'city' = 'x'", "(d->>'age')::int > 30", "(d->>'on')::date < now()", "d ? 'city'", "d->>'city' is null",
            "d @> '{\"city\": \"x\"}'", "d->>'city' in ('a', 'b')", "jsonb_array_length(d->'items') > 3", "t like 'x%'",
            "d->>'city' = t", "(d->>'active')::boolean",
        ])
    func plain(condition: String) throws {
        let uses = try uses(condition)
        #expect(uses[nil] == nil)
        #expect(uses["name"] == nil)
    }
}

import SQLInspection
import Testing

struct EffectTests {
    @Test(
        "Every relation that a statement touches is told, with its effect, and ! where nothing bounds it",
        arguments: [
            ("select * from customers", ["select shop.customers!"]),
            ("/* a /* b */ */ -- c\n select 1 from /**/ customers", ["select shop.customers!"]),
            ("select * from customers limit 10", ["select shop.customers"]),
            ("select * from customers limit 100000", ["select shop.customers!"]),
            ("select * from customers limit $1", ["select shop.customers"]),
            ("select * from customers limit all", ["select shop.customers!"]),
            ("select * from customers order by city fetch first 5 rows with ties", ["select shop.customers!"]),
            ("select * from customers where id = 1", ["select shop.customers"]),
            ("select * from customers where id = $1::int", ["select shop.customers"]),
            ("select * from customers where 1 = id", ["select shop.customers"]),
            ("select * from customers where id in (1, 2)", ["select shop.customers"]),
            ("select * from customers where id = any($1)", ["select shop.customers"]),
            ("select * from customers where id = any('{1,2}'::int[])", ["select shop.customers"]),
            ("select * from customers where (id, name) = (1, 'x')", ["select shop.customers"]),
            ("select * from customers where id = 1 or id = 2", ["select shop.customers"]),
            ("select * from customers where id = id", ["select shop.customers!"]),
            ("select * from customers where 1 = 1", ["select shop.customers!"]),
            ("select * from customers where id = 1 or true", ["select shop.customers!"]),
            ("select * from customers where not id = 1", ["select shop.customers!"]),
            ("select * from customers where id > 1", ["select shop.customers!"]),
            ("select * from customers where id = coalesce($1, id)", ["select shop.customers!"]),
            ("select * from customers where (id = 1) is not null", ["select shop.customers!"]),
            (
                "select * from customers where id = any(array(select generate_series(1, 100000)))",
                ["select shop.customers!"]
            ),
            ("select c.* from customers c, generate_series(1, 100000) g where c.id = g", ["select shop.customers!"]),
            (
                "select c.* from customers c, (select generate_series(1, 100000) g) x where c.id = x.g",
                ["select shop.customers!"]
            ),
            ("select c.* from customers c join (values (1), (2)) v(i) on c.id = v.i", ["select shop.customers"]),
            (
                "select * from customers c join orders o on o.customer_id = c.id where o.id = 7",
                ["select shop.customers", "select shop.orders"]
            ),
            (
                "select * from customers c left join orders o on o.customer_id = c.id and o.id = 7",
                ["select shop.customers!", "select shop.orders"]
            ),
            (
                "select * from customers c left join orders o on c.id = 5",
                ["select shop.customers!", "select shop.orders!"]
            ),
            (
                "select * from customers c left join orders o on o.customer_id = c.id where c.id = 5",
                ["select shop.customers", "select shop.orders"]
            ),
            (
                "select * from customers c full join orders o on c.id = 5",
                ["select shop.customers!", "select shop.orders!"]
            ),
            ("select * from (select * from customers) x where x.id = 5", ["select shop.customers"]),
            ("select * from (select * from customers) x limit 5", ["select shop.customers"]),
            ("select string_agg(ssn, ',') from customers limit 1", ["select shop.customers!"]),
            ("select * from (select array_agg(ssn) from customers) x limit 1", ["select shop.customers!"]),
            ("select string_agg(ssn, ',') over () from customers limit 1", ["select shop.customers!"]),
            ("select (select string_agg(c.ssn, ',')) from customers c limit 1", ["select shop.customers!"]),
            ("select array(select ssn from customers) limit 1", ["select shop.customers!"]),
            ("select count(*) from customers", ["select shop.customers"]),
            ("select count(*), ssn from customers group by ssn", ["select shop.customers!"]),
            ("select exists (select 1 from customers)", ["select shop.customers"]),
            (
                "select * from notes where id = 1 and text in (select name from customers)",
                ["select shop.customers", "select shop.notes"]
            ),
            (
                "select * from customers where id in (select customer_id from orders where id = 5)",
                ["select shop.customers", "select shop.orders"]
            ),
            (
                "with c as (select * from customers) select * from c where id = 1 union all select * from c",
                ["select shop.customers!"]
            ),
            ("with c as (select * from customers) select * from c where id = 1", ["select shop.customers"]),
            ("select * from contacts where id = 1", ["select shop.contacts", "select shop.customers"]),
            ("select * from contacts", ["select shop.contacts!", "select shop.customers!"]),
            ("select * from customers where id = 1 union all select * from customers", ["select shop.customers!"]),
            ("(select * from customers) union all (select * from customers) limit 5", ["select shop.customers"]),
            ("select * from events_2026 where id = 1", ["select shop.events", "select shop.events_2026"]),
            ("insert into notes values (1, 'x')", ["insert shop.notes"]),
            ("insert into notes select id, ssn from customers", ["insert shop.notes", "select shop.customers!"]),
            (
                "insert into notes values (1, 'x') on conflict (id) do update set text = excluded.text",
                ["insert shop.notes", "update shop.notes"]
            ),
            ("insert into notes values (1, 'x') returning id", ["insert shop.notes", "select shop.notes"]),
            ("update customers set name = 'x'", ["update shop.customers!"]),
            ("update customers set name = 'x' where id = 1", ["update shop.customers"]),
            (
                "update customers c set name = o.note from orders o where o.customer_id = c.id and c.id = 1 returning ssn",
                ["select shop.customers", "select shop.orders", "update shop.customers"]
            ),
            ("delete from customers", ["delete shop.customers!"]),
            ("delete from customers returning *", ["delete shop.customers!", "select shop.customers!"]),
            ("with d as (delete from customers where id = 1) select 1", ["delete shop.customers"]),
            ("select 1 from (with d as (select 1 from notes) select * from d) x", ["select shop.notes!"]),
            ("explain analyze delete from customers where id = 1", ["delete shop.customers"]),
            (
                "merge into notes n using customers c on n.id = c.id when matched and c.id = 3 then delete when not matched then insert values (c.id, c.ssn)",
                ["delete shop.notes!", "insert shop.notes", "merge shop.notes!", "select shop.customers!"]
            ),
            ("copy customers to stdout", ["select shop.customers!"]),
            ("copy customers from stdin", ["insert shop.customers"]),
            (
                "copy (with d as (delete from notes returning *) select * from d) to stdout",
                ["delete shop.notes!", "select shop.notes!"]
            ),
            ("truncate customers, orders", ["truncate shop.customers", "truncate shop.orders"]),
            ("lock table customers", ["lock shop.customers"]),
            ("select * from notes where id = 1 for update", ["lock shop.notes", "select shop.notes"]),
            ("vacuum customers", ["maintain shop.customers"]),
            ("refresh materialized view per_city", ["maintain shop.per_city"]),
            ("drop table shop.customers", ["drop shop.customers"]),
            ("alter table customers rename to people", ["alter shop.customers"]),
            ("create table t as select * from notes", ["create shop.t", "select shop.notes!"]),
            ("select * into t from notes", ["create shop.t", "select shop.notes!"]),
            ("create view v as select id from notes", ["create shop.v", "select shop.notes!"]),
            ("grant select on customers to bob", ["grant shop.customers"]),
            ("select relname from pg_class", ["select pg_catalog.pg_class!"]),
            ("select * from nowhere", ["select .nowhere!"]),
            ("select * from other.customers", ["select other.customers!"]),
            ("declare c cursor for select * from customers", ["select shop.customers!"]),
            ("prepare p as delete from customers where id = $1", ["delete shop.customers"]),
            ("set x.y = 'z'", []), ("select 1", []),
        ])
    func touched(sql: String, accesses: [String]) throws {
        #expect(try Fixtures.one(sql).touched == accesses)
    }

    @Test(
        "A hazard is told for what it is",
        arguments: [
            ("select pg_read_file('/etc/passwd')", Hazards.serverFiles), ("select pg_ls_dir('.')", .serverFiles),
            ("copy customers to '/tmp/x'", .serverFiles), ("copy customers to program 'nc'", .serverFiles),
            ("copy customers from program 'x'", .serverFiles), ("load 'x'", .serverFiles),
            ("select * from pg_authid", .secrets), ("select * from pg_catalog.pg_shadow", .secrets),
            ("select * from pg_hba_file_rules()", .secrets), ("table pg_user_mapping", .secrets),
            ("select * from pg_stats", .statistics), ("select * from pg_statistic_ext_data", .statistics),
            ("select query from pg_stat_activity", .otherSessions),
            ("select * from public.pg_stat_statements", .otherSessions),
            ("select * from pg_stat_get_activity(null)", .otherSessions),
            ("set role admin", .roleChange), ("set local role none", .roleChange),
            ("set session authorization bob", .roleChange), ("reset role", .roleChange),
            ("reset session authorization", .roleChange), ("select set_config('role', 'x', false)", .roleChange),
            ("set standard_conforming_strings = off", .pinnedSetting), ("set client_encoding = 'gbk'", .pinnedSetting),
            ("set names 'latin1'", .pinnedSetting), ("set backslash_quote = on", .pinnedSetting),
            ("set session_replication_role = replica", .pinnedSetting), ("set row_security = off", .pinnedSetting),
            ("set something_new = 1", .pinnedSetting), ("set \"Client_Encoding\" = latin1", .pinnedSetting),
            ("select set_config('client_' || 'encoding', 'gbk', false)", .pinnedSetting),
            ("select set_config('app.x', ssn, false) from customers", .pinnedSetting),
            ("select set_config('app.x', (select max(ssn) from customers), false)", .pinnedSetting),
            ("select 1 where set_config('search_path', 'x', false) = ''", .pinnedSetting),
            ("select setseed(length(ssn) / 1000.0) from customers", .pinnedSetting),
            ("alter role x set search_path = y", .pinnedSetting),
            ("alter system set log_statement = 'none'", .pinnedSetting),
            ("copy customers to stdout (encoding 'gbk')", .pinnedSetting),
            ("do $$ begin end $$", .dynamicCode),
            ("create function f() returns int language sql as 'select 1'", .dynamicCode),
            ("select query_to_xml('select 1', true, true, '')", .dynamicCode),
            ("select table_to_xml('customers', true, true, '')", .dynamicCode),
            ("select * from ts_stat('select ssn')", .dynamicCode),
            ("create trigger t before insert on notes execute function f()", .dynamicCode),
            ("create extension x", .dynamicCode),
            ("create rule r as on insert to notes do also notify x", .dynamicCode),
            ("select lo_get(1)", .largeObjects), ("select * from pg_largeobject", .largeObjects),
            ("select lo_import('/etc/passwd')", .largeObjects),
            ("select * from dblink('', 'select 1') as t(a text)", .foreignData),
            ("select * from archive", .foreignData),
            ("create server s foreign data wrapper f", .foreignData),
            ("import foreign schema a from server s into b", .foreignData),
            ("create table t as select ssn from customers", .relabels), ("select ssn into t from customers", .relabels),
            ("create view v as select ssn as x from customers", .relabels),
            ("alter table customers rename column ssn to x", .relabels),
            ("alter table customers set schema x", .relabels),
            ("alter table customers add column x text generated always as (ssn) stored", .relabels),
            ("alter table customers alter column name type text using ssn", .relabels),
            ("call f(1)", .procedureCall), ("select * from nowhere", .unknownObject),
            ("select * from pg_toast.pg_toast_1", .unknownObject),
            ("create table t as execute p", .unknownLineage),
        ])
    func hazard(sql: String, hazard: Hazards) throws {
        #expect(try Fixtures.one(sql).hazards.contains(hazard))
    }

    @Test(
        "Functions that are not known to be harmless are told by name, wherever they stand",
        arguments: [
            ("select risky(id) from notes", ["shop.risky"]), ("select shop.risky(1)", ["shop.risky"]),
            ("select pg_sleep(1)", ["pg_sleep"]), ("select 1 where pg_sleep(1) is null", ["pg_sleep"]),
            ("select 1 from notes order by pg_sleep(1)", ["pg_sleep"]), ("values (pg_sleep(1))", ["pg_sleep"]),
            ("select * from notes limit (select 1 from pg_sleep(1))", ["pg_sleep"]),
            ("insert into notes values (nextval('s'), 'x')", ["nextval"]),
            ("update notes set text = risky(1)", ["shop.risky"]),
            ("select n.risky from notes n", ["shop.risky"]), ("select (n).risky from notes n", ["shop.risky"]),
            ("select public.f(1)", ["public.f"]), ("select no_such(1)", ["no_such"]),
            ("create table t (a int default risky(1))", ["shop.risky"]),
            ("create index on notes (risky(id))", ["shop.risky"]),
            ("select pg_catalog.lower('x'), upper('y'), now(), count(*), version()", []),
            (
                "select pg_terminate_backend(1), pg_advisory_lock(1), pg_notify('a', 'b')",
                ["pg_advisory_lock", "pg_notify", "pg_terminate_backend"]
            ),
            (
                "select pg_get_viewdef(1), format_type(1, 2), obj_description(1), pg_table_is_visible(1), array_to_string('{}'::text[], '')",
                []
            ),
            ("call risky(1)", ["shop.risky"]), ("execute p(risky(1))", ["shop.risky"]),
            (
                "select array[risky(1)], row(risky(1)), case when true then risky(1) end, (select risky(1))",
                ["shop.risky"]
            ),
            ("select 1 from notes tablesample system (risky(1))", ["shop.risky"]),
            ("select count(*) filter (where risky(1) > 0) from notes", ["shop.risky"]),
            ("select * from xmltable('/a' passing risky(1) columns b text default risky(2))", ["shop.risky"]),
            ("select xmlelement(name a, risky(1))", ["shop.risky"]),
            ("select notes.*, sum(risky(1)) over (partition by id) from notes", ["shop.risky"]),
            ("select 1 group by grouping sets ((risky(1)), ())", ["shop.risky"]),
            ("select set_config('application_name', 'x', false)", []),
            ("select pg_advisory_unlock_all()", []),
            ("select set_config('app.x', ssn, false) from customers", ["set_config"]),
            ("select 1 operator(shop.@@) 2", ["shop.@@"]), ("select 1 operator(pg_catalog.+) 2", []),
        ])
    func functions(sql: String, names: [String]) throws {
        #expect(try Fixtures.one(sql).functions == names)
    }

    @Test(
        "A session learns a statement's kind",
        arguments: [
            ("select 1", StatementKind.query), ("insert into notes values (1)", .write), ("begin", .begin),
            ("start transaction read only", .begin), ("commit", .commit), ("end", .commit), ("abort", .rollback),
            ("prepare transaction 'x'", .commit), ("savepoint a", .savepoint), ("rollback to a", .savepoint),
            ("set search_path to a, \"B c\"", .set(name: "search_path", value: "a, \"B c\"", isLocal: false)),
            ("set local work_mem = 5", .set(name: "work_mem", value: "5", isLocal: true)),
            ("set datestyle to default", .set(name: "datestyle", value: nil, isLocal: false)),
            ("reset all", .set(name: "all", value: nil, isLocal: false)), ("show all", .show(name: "all")),
            ("select set_config('search_path', 'a', false)", .set(name: "search_path", value: "a", isLocal: false)),
            (
                "select pg_catalog.set_config('search_path', '', true)",
                .set(name: "search_path", value: "", isLocal: true)
            ),
            ("prepare p as select 1", .prepare(name: "p")), ("execute p(1)", .execute(name: "p")),
            ("deallocate all", .deallocate(name: nil)), ("deallocate p", .deallocate(name: "p")),
            ("discard all", .discardAll),
            ("declare c cursor for select 1", .declareCursor(name: "c")), ("fetch 10 from c", .fetch(cursor: "c")),
            ("move c", .fetch(cursor: "c")), ("close c", .closeCursor(name: "c")),
            ("close all", .closeCursor(name: nil)),
            ("copy notes to stdout", .copyOut(.text(delimiter: 9, null: "\\N", header: false))),
            (
                "copy notes from stdin (format csv, header, delimiter ';')",
                .copyIn(.csv(delimiter: 59, null: "", header: true, quote: 34, escape: 34))
            ),
            (
                "copy notes to stdout csv quote '\"' escape '\\'",
                .copyOut(.csv(delimiter: 44, null: "", header: false, quote: 34, escape: 92))
            ),
            ("copy notes to stdout binary", .copyOut(.binary)),
            ("explain select 1", .explain(analyze: false, executes: nil)),
            ("explain (analyze) select 1", .explain(analyze: true, executes: nil)),
            ("explain (analyze off) select 1", .explain(analyze: false, executes: nil)),
            ("explain analyze verbose select 1", .explain(analyze: true, executes: nil)),
            ("listen a", .listen(channel: "a")),
            ("notify a, 'x'", .notify(channel: "a")),
            ("unlisten *", .set(name: "unlisten", value: nil, isLocal: false)),
            ("", .empty), ("-- nothing", .empty), (";;", .empty),
        ])
    func kind(sql: String, kind: StatementKind) throws {
        #expect(try Fixtures.one(sql).kind == kind)
    }

    @Test("Every statement of a text is judged, in its place")
    func severalStatements() throws {
        let sql = "select 1;  delete from notes ; commit"
        let analyses = try Fixtures.analyze(sql)
        #expect(analyses.map(\.kind) == [.query, .write, .commit])
        let bytes = Array(sql.utf8)
        #expect(
            analyses.map { String(decoding: bytes[$0.textRange], as: UTF8.self) } == [
                "select 1", "delete from notes", "commit",
            ])
        #expect(analyses[0].fingerprint != analyses[1].fingerprint)
        #expect(try Fixtures.one("select 2").fingerprint == analyses[0].fingerprint)
    }

    @Test(
        "What psql and drivers ask of the catalog is no hazard",
        arguments: [
            "SELECT n.nspname as \"Schema\", c.relname as \"Name\", CASE c.relkind WHEN 'r' THEN 'table' END as \"Type\", pg_catalog.pg_get_userbyid(c.relowner) as \"Owner\" FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p','v') AND n.nspname !~ '^pg_toast' AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1,2",
            "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef) FROM pg_catalog.pg_attribute a WHERE a.attrelid = '16394' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
            "SELECT current_database(), current_schema(), current_user, current_setting('server_version')",
            "SELECT (information_schema._pg_expandarray(i.indkey)).n FROM pg_catalog.pg_index i",
            "SET application_name = 'psql'", "SET client_encoding TO 'UTF8'", "SET extra_float_digits = 3",
            "SELECT pg_is_in_recovery()",
        ])
    func introspection(sql: String) throws {
        let analysis = try Fixtures.one(sql)
        #expect(analysis.functions.isEmpty)
        #expect(analysis.hazards.subtracting([.unknownLineage]).isEmpty)
        #expect(analysis.accesses.allSatisfy { $0.isCatalog })
    }
}

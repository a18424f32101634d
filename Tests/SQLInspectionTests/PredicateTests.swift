import SQLInspection
import Testing

/// By what ways a column decides something.
@Suite struct PredicateTests {
    private func use(_ sql: String) throws -> RelationAccess.Use {
        try Fixtures.one(sql).accesses.filter { $0.name == "customers" }
            .reduce(into: []) { $0.formUnion($1.columns["ssn"] ?? []) }
    }

    @Test(
        "A column that is compared by = with given values is looked up",
        arguments: [
            "select name from customers where ssn = 'x'", "select name from customers where $1 = ssn",
            "select name from customers where ssn = $1::text and id > 4",
            "select name from customers where ssn in ('a', 'b', $3)", "select name from customers where not ssn = 'x'",
            "select name from customers where ssn is not distinct from 'x'",
            "update customers set name = 'x' where ssn = 'x'", "delete from customers where ssn = 'x'",
            "select o.id from orders o join customers c on c.id = o.customer_id and c.ssn = 'x'",
            "insert into customers (ssn) values ('x') on conflict (ssn) do nothing",
        ])
    func lookups(sql: String) throws {
        let use = try use(sql)
        #expect(use.contains(.lookup))
        #expect(!use.contains(.predicate))
    }

    @Test(
        "A column that decides in any other way is a predicate",
        arguments: [
            "select name from customers where ssn <> 'x'", "select name from customers where ssn > 'x'",
            "select name from customers where ssn like '1%'", "select name from customers where ssn ~ '^1'",
            "select name from customers where ssn between 'a' and 'b'",
            "select name from customers where lower(ssn) = 'x'", "select name from customers where ssn::text = 'x'",
            "select name from customers where ssn = name", "select name from customers where ssn is null",
            "select name from customers where ssn = any($1)",
            "select name from customers where ssn = (select text from notes where id = 1)",
            "select name from customers where ssn in (select text from notes)",
            "select name from customers where ssn = all (array['a'])",
            "select name from customers where ssn in ('1','2','3','4','5','6','7','8','9','10','11')",
            "select name from customers where ssn = '1' or ssn = '2' or ssn = '3' or ssn = '4' or ssn = '5' or ssn = '6' or ssn = '7' or ssn = '8' or ssn = '9' or ssn = '10' or ssn = '11'",
            "select 1 from customers a, customers b where a.ssn in ('1','2','3','4','5','6') or b.ssn in ('1','2','3','4','5','6')",
            "select 1 from customers join notes n using (id) join (values ('1')) v (ssn) using (ssn)",
            "select 1 from customers natural join (values ('1')) v (ssn)",
            "select id from customers order by ssn", "select ssn from customers order by 1",
            "select count(*) from customers group by ssn", "select count(*) from customers group by rollup (ssn)",
            "select distinct ssn from customers", "select distinct on (ssn) id from customers",
            "select ssn from customers union select text from notes",
            "select ssn from customers except all select text from notes",
            "select ssn from customers intersect select text from notes",
            "select count(*) filter (where ssn > 'a') from customers",
            "select row_number() over (partition by ssn) from customers",
            "select rank() over w from customers window w as (order by ssn)",
            "select string_agg(name, ',' order by ssn) from customers",
            "select percentile_disc(0.5) within group (order by ssn) from customers",
            "select name from customers limit (select length(ssn) from customers where id = 1)",
            "select name from customers offset (select length(ssn) from customers where id = 1)",
            "select case when ssn > 'a' then 1 end from customers", "select nullif(ssn, 'x') from customers",
            "select greatest(ssn, 'x') from customers", "select least(ssn, 'x') from customers",
            "select (ssn = 'x') and null from customers", "select ssn = 'x' from customers",
            "select ssn in ('a', null) from customers", "select row(ssn, null) = row('a', 'b') from customers",
            "select ssn::int from customers", "select ssn::int2 from customers", "select ssn::xml from customers",
            "select 1 / (length(ssn) - 4) from customers", "select length(ssn) + 2147483640 from customers",
            "select substring(ssn from '^1') from customers", "select regexp_match(ssn, '^1') from customers",
            "select substr(name, 1, length(ssn)) from customers", "select repeat('x', length(ssn)) from customers",
            "select (array[1, 2, 3])[length(ssn)] from customers",
            "select array_position(array['a'], ssn) from customers",
            "select (string_to_array(ssn, '-'))[2] from customers", "select string_to_array(ssn, '-') from customers",
            "select count(to_jsonb(ssn) -> 1) from customers", "select to_jsonb(ssn) #>> '{1}' from customers",
            "select json_extract_path_text(to_json(ssn), '1') from customers",
            "select json_array_length(to_json(ssn)) from customers",
            "select array_to_tsvector(array[ssn]) from customers",
            "select replace(ssn, '1', repeat('x', 600000000)) from customers",
            "select replace(ssn, '1', '12') from customers", "select replace(ssn, '1', $1) from customers",
            "select format('%*s', ssn, 'x') from customers", "select format('%I', ssn) from customers",
            "select format($1, ssn) from customers", "select format('%2$*1$s', ssn, 'x') from customers",
            "select count(*) over (rows between (select length(ssn) from customers limit 1) preceding and current row) from notes",
            "create index on customers (id) where ssn like '1%'", "create index on customers ((ssn::int))",
            "create unique index on customers (substr(ssn, 1, 3))",
            "alter table customers add constraint c check (ssn like '1%')",
            "alter table customers add column x int check (ssn like '1%')",
            "alter table customers add exclude using btree (substr(ssn, 1, 3) with =)",
            "alter table customers add exclude using btree (name with =) where (ssn like '1%')",
            "create policy p on customers using (ssn like '1%')",
            "alter policy p on customers with check (ssn = 'x' or true)",
            "create statistics s on (ssn::int), id from customers",
            "select jsonb_path_query_first(to_jsonb(ssn), '$ ? (@ starts with \"1\")') from customers",
            "select sum(id) from customers having max(ssn) > 'a'",
            "merge into notes n using customers c on n.text = c.ssn when matched then delete",
            "update notes set text = 'x' from customers c where c.ssn = notes.text",
            "delete from notes using customers c where c.ssn = notes.text",
            "insert into customers (ssn) select text from notes on conflict (ssn) do nothing",
            "select name from customers where exists (select from notes n where n.text = customers.ssn)",
            "select name from customers where 'a' > any (select ssn from customers)",
            "with t as (select ssn from customers) select 1 from t where ssn > 'a'",
            "select c.name from customers c join lateral (select 1 from notes where text = c.ssn) x on true",
            "select 1 from contacts where upper_ssn = 'X'",
        ])
    func predicates(sql: String) throws {
        #expect(try use(sql).contains(.predicate))
    }

    @Test(
        "A column that is shown, or computed with what succeeds whatever it is, decides nothing",
        arguments: [
            "select ssn from customers where id = 1", "select * from customers", "select c from customers c",
            "select upper(ssn) || name from customers", "select coalesce(ssn, '') from customers",
            "select ssn::text from customers", "select substr(ssn, 1, 3) from customers",
            "select substring(ssn from 1 for 3) from customers", "select to_jsonb(c) from customers c",
            "select md5(ssn), encode(ssn::bytea, 'hex') is null from notes, customers limit 0",
            "select count(ssn), count(distinct ssn), min(ssn) from customers",
            "select array[ssn], row(ssn, name), format('%s: 100%%', ssn) from customers",
            "select replace(ssn, '-', '') from customers", "create index on customers (lower(ssn))",
            "create unique index on customers (ssn)", "alter table customers add constraint c check (name <> '')",
            "alter table customers add column x int check (x > 0), alter name set default 'x'",
            "create policy p on customers using (name = current_user)",
            "select upper_ssn from contacts", "select * from per_city",
        ])
    func quiet(sql: String) throws {
        let use = try use(sql)
        #expect(!use.contains(.lookup))
        // A cast to bytea fails on what is no text of its.
        #expect(use.contains(.predicate) == sql.contains("::bytea"))
    }

    @Test("What a view decides by is not the client's doing")
    func views() throws {
        #expect(try Fixtures.one("select * from per_city").uses("customers")["city"] == .output)
    }

    @Test("A count of a column's values shows none of them, whatever is made of it")
    func counts() throws {
        for sql in ["select count(ssn) from customers", "select n + 1 from (select count(ssn) n from customers) t"] {
            let analysis = try Fixtures.one(sql)
            #expect(analysis.outputs?.first?.sources == [])
            #expect(analysis.uses("customers")["ssn"] == .output)
        }
        for sql in [
            "select count(distinct ssn) from customers", "select count(ssn) over () from customers",
            "select max(ssn) from customers",
        ] {
            #expect(try Fixtures.one(sql).outputs?.first?.sources.count == 1)
        }
    }

    @Test(
        "A sum or an average is known to be counted by the count beside it",
        arguments: [
            ("select sum(total), count(total) from orders", [1, nil]),
            ("select count(total), customer_id, avg(total) from orders group by 2", [nil, nil, 0]),
            ("select round(avg(o.total), 2), count(o.total) from shop.orders o where id > 3", [1, nil]),
            ("select count(distinct total), count(total) from orders", [1, nil]),
            ("with t as (select 1) select sum(total), count(total) from orders having count(*) > 3", [1, nil]),
        ] as [(String, [Int?])])
    func counted(sql: String, columns: [Int?]) throws {
        #expect(try Fixtures.one(sql).outputs?.map(\.countedBy) == columns)
    }

    @Test(
        "Nothing else is: the count may be of other rows, or of the same row many times",
        arguments: [
            "select sum(total), count(*) from orders", "select sum(total), count(customer_id) from orders",
            "select sum(total) filter (where id = 1), count(total) from orders",
            "select sum(total), count(total) filter (where id = 1) from orders",
            "select sum(distinct total), count(total) from orders", "select max(total), count(total) from orders",
            "select sum(total), count(total) from orders, generate_series(1, 100)",
            "select sum(total), count(total) from orders o join notes n on true",
            "select sum(total), count(total) from (select * from orders where id = 1) o",
            "select sum(a.total), count(a.total) from contacts, orders a",
            "select sum(total) over (), count(total) over () from orders",
            "select sum(total), count(total) from orders group by rollup (customer_id)",
            "select sum(total * 2), count(total * 2) from orders", "select sum(total) + 1, count(total) from orders",
            "with s as (select customer_id, sum(total) s, count(total) n from orders group by 1) select a.s, b.n from s a, s b",
            "select s, n from (select sum(total) s, count(total) n from orders) t",
            "select sum(total), count(total) from orders union all select total, 1000 from orders",
            "select sum(upper_ssn::int), count(upper_ssn) from contacts",
            "select sum(key), count(key) from contacts_of_contacts",
            "select sum(total), count(total) from orders tablesample bernoulli (1)",
            "select sum(total), count(total) from orders where id = 7 group by generate_series(1, 100) * 0",
            "select sum(total), count(total), unnest(array[0, 0]) from orders where id = 7 group by 3",
        ])
    func uncounted(sql: String) throws {
        #expect(try Fixtures.one(sql).outputs?.allSatisfy { $0.countedBy == nil } == true)
    }

    @Test(
        "How many rows of a table one row of the result may hold is told",
        arguments: [
            ("select name from customers", 1), ("select count(*) from customers", 0),
            ("select a.name, b.name from customers a, customers b", 2),
            ("select o.id from orders o join customers c on c.id = o.customer_id where c.name = 'x'", 0),
            ("select name from customers union all select email from customers", 2),
            ("select (select name from customers where id = 1), (select name from customers where id = 2)", 2),
            ("with x as (select name from customers) select a.name, b.name, c.name from x a, x b, x c", 3),
            (
                "with x as (select name from customers), y as (select a.name n, b.name m from x a, x b) select p.n, q.m from y p, y q",
                4
            ),
        ])
    func occurrences(sql: String, count: Int) throws {
        let access = try Fixtures.one(sql).accesses.first { $0.name == "customers" && $0.effect == .select }
        #expect(access?.occurrences == count)
    }

    @Test("One value that may hold any number of rows is told, and how many values of other rows there are")
    func collecting() throws {
        for sql in [
            "select json_agg(name) from customers", "select array(select name from customers)",
            "select string_agg(name, ',') over (order by id) from customers",
            "select array_to_string(x.n, ',') from (select array_agg(name) n from customers) x",
            "with recursive r (id, n) as (select 0, '' union all select r.id + 1, n || name from r join customers c on c.id = r.id + 1) select n from r",
            "with recursive r (id, n) as (select 0, '' union all select r.id + 1, n || (select name from customers c where c.id = r.id + 1) from r) select n from r",
            "with recursive r as (select id, name from customers where id = 1 union all select c.id, c.name from customers c join r on c.id = r.id + 1) search depth first by name set path select path from r",
            "select percentile_disc(array[0.1, 0.2]) within group (order by name) from customers",
            "insert into notes (text) select name from customers", "update notes set text = name from customers",
            "create table copies as select name from customers", "select name into copies from customers",
        ] {
            #expect(try Fixtures.one(sql).collectsRows, "\(sql)")
        }
        for sql in [
            "select name, sum(id), max(id) from customers group by 1", "update customers set name = upper(name)",
            "with recursive r (id) as (select 1 union all select id + 1 from r) select name from r join customers using (id)",
            "with recursive r as (select id, name from customers where id = 1 union all select c.id, c.name from customers c join r on c.id = r.id + 1) select name from r",
        ] {
            #expect(try !Fixtures.one(sql).collectsRows, "\(sql)")
        }
        let shown =
            "select max(name) filter (where id = 1), max(name) filter (where id = 2), count(name) from customers"
        // The one is of the row that stands for the group.
        #expect(try Fixtures.one(shown).shownValues == 1)
        #expect(
            try Fixtures.one("select lag(name) over w, lag(name, 2) over w from customers window w as ()").shownValues
                == 2)
    }
}

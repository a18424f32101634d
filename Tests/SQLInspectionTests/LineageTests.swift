import SQLInspection
import Testing

struct LineageTests {
    @Test(
        "A result column tells the base columns that it comes from",
        arguments: [
            ("select id, ssn as x from customers where id = 1", "id=customers.id x=customers.ssn"),
            ("select * from orders", "id=orders.id customer_id=orders.customer_id total=orders.total note=orders.note"),
            ("select o.* from orders o(a, b)", "a=orders.id b=orders.customer_id total=orders.total note=orders.note"),
            ("select c from orders c", "c~orders.customer_id,orders.id,orders.note,orders.total"),
            ("select to_jsonb(c) from notes c", "to_jsonb~notes.id,notes.text"),
            ("select row(n.*), n.text from notes n", "row~notes.id,notes.text text=notes.text"),
            ("select (c).ssn from customers c", "ssn=customers.ssn"),
            ("select ssn(c) from customers c", "ssn=customers.ssn"),
            ("select c.ssn::text from customers c", "ssn~customers.ssn"),
            (
                "select md5(ssn), ssn || 'x', substr(ssn, 1, 1) from customers",
                "md5~customers.ssn ?column?~customers.ssn substr~customers.ssn"
            ),
            ("select s from (select ssn as s, id from customers) x", "s=customers.ssn"),
            ("select t.s from (select ssn from customers) t(s)", "s=customers.ssn"),
            ("with c as (select ssn from customers) select * from c", "ssn=customers.ssn"),
            ("with customers as (select 1 as ssn) select ssn from customers", "ssn"),
            (
                "with c(a) as (select ssn from shop.customers), d as (select a from c) select a from d",
                "a=customers.ssn"
            ),
            ("select ssn from customers union all select note from orders", "ssn=customers.ssn,orders.note"),
            ("select ssn from customers union select upper(note) from orders", "ssn~customers.ssn,orders.note"),
            ("select 1 union all select ssn from customers", "?column?=customers.ssn"),
            ("select case when ssn like '1%' then 1 else 0 end from customers", "case~customers.ssn"),
            ("select (select ssn from customers where id = 1)", "ssn=customers.ssn"),
            ("select exists (select 1 from customers where ssn = 'x')", "exists"),
            ("select count(*) from customers", "count"),
            ("select max(ssn), array_agg(email) from customers", "max~customers.ssn array_agg~customers.email"),
            ("select rank() over (order by ssn) from customers", "rank~customers.ssn"),
            ("select rank() over w from customers window w as (partition by email)", "rank~customers.email"),
            (
                "select id in (select customer_id from orders) from customers",
                "?column?~customers.id,orders.customer_id"
            ),
            ("select customer_id from orders join patients using (customer_id)", "customer_id=orders.customer_id"),
            ("select id from orders natural full join notes", "id~notes.id,orders.id"),
            (
                "select * from notes join orders using (id)",
                "id=notes.id text=notes.text customer_id=orders.customer_id total=orders.total note=orders.note"
            ),
            ("select j.b from (customers c join notes n on c.id = n.id) as j(a, b)", "b=customers.name"),
            ("select x from customers c, lateral (select c.ssn as x) l", "x=customers.ssn"),
            ("select u from customers c, unnest(array[c.ssn, c.email]) u", "u~customers.email,customers.ssn"),
            ("select * from json_each('{}')", "key value"),
            ("select g, n from generate_series(1, 3) with ordinality as t(g, n)", "g n"),
            ("select * from xmltable('/a' passing xmlparse(content '<a/>') columns b text)", "b"),
            ("select x.column1 from (values (1, 'a'), (2, 'b')) x", "column1"),
            ("select ctid, tableoid, ssn from customers", "ctid tableoid ssn=customers.ssn"),
            (
                "with recursive t(i, s) as (select id, ssn from customers where id = 1 union all select o.id, t.s from orders o join t on o.customer_id = t.i) select s, i from t",
                "s=customers.ssn i=customers.id,orders.id"
            ),
            (
                "with recursive t(a, b) as (select id, ssn from customers union all select b, a from t) select a from t",
                "a=customers.id,customers.ssn"
            ),
            (
                "select address, upper_ssn from contacts",
                "address=contacts.address,customers.email upper_ssn~contacts.upper_ssn,customers.ssn"
            ),
            (
                "select mail from contacts_of_contacts",
                "mail=contacts.address,contacts_of_contacts.mail,customers.email"
            ),
            ("select city from per_city", "city=customers.city,per_city.city"),
            ("select ssn from events_2026", "ssn=events.ssn,events_2026.ssn"),
            ("insert into notes values (1, 'x') returning *", "id=notes.id text=notes.text"),
            ("insert into notes select id, ssn from customers returning text", "text=customers.ssn,notes.text"),
            ("update customers set name = ssn where id = 1 returning name", "name=customers.name,customers.ssn"),
            ("delete from customers where id = 1 returning ssn", "ssn=customers.ssn"),
            ("with d as (delete from customers returning ssn) select * from d", "ssn=customers.ssn"),
            (
                "select coalesce(ssn, email), nullif(ssn, ''), greatest(id, 1) from customers",
                "coalesce~customers.email,customers.ssn nullif~customers.ssn greatest~customers.id"
            ),
            ("select ssn collate \"C\" from customers", "ssn=customers.ssn"),
            (
                "select e.value from customers c, jsonb_each_text(to_jsonb(c)) e where id = 1",
                "value~customers.card_number,customers.city,customers.email,customers.id,customers.name,customers.ssn"
            ),
            ("select x.c from (select c from notes c) x", "c~notes.id,notes.text"),
            ("select (select n) from notes n", "n~notes.id,notes.text"),
            ("select array(select ssn from customers)", "array~customers.ssn"),
            ("select xmlforest(ssn) from customers", "xmlforest~customers.ssn"),
            (
                "select grouping(city), city from customers group by rollup (city)",
                "grouping~customers.city city=customers.city"
            ),
            ("SELECT \"ssn\", U&\"\\0073sn\" FROM Shop.CUSTOMERS", "ssn=customers.ssn ssn=customers.ssn"),
            ("table notes", "id=notes.id text=notes.text"),
            ("copy (update customers set name = 'x' where id = 1 returning ssn) to stdout", "ssn=customers.ssn"),
            ("copy notes (text) to stdout", "text=notes.text"),
            ("prepare p as select ssn from customers", "ssn=customers.ssn"),
            ("declare c cursor for select ssn from customers", "ssn=customers.ssn"),
            ("show search_path", "search_path"),
        ])
    func sources(sql: String, shape: String) throws {
        let analysis = try Fixtures.one(sql)
        #expect(analysis.shape == shape)
        #expect(!analysis.hazards.contains(.unjudged))
        #expect(!analysis.hazards.contains(.unknownLineage))
    }

    @Test(
        "What cannot be told is said to be unknown",
        arguments: [
            "select x from nowhere", "select * from nowhere", "select no_such_column from customers",
            "select x from loop_a", "select * from risky(1)", "select query_to_xml('select 1', true, true, '')",
            "select * from dblink('', '') as t(a text)", "select (risky(1)).*", "select c.* from nothing",
        ])
    func unknown(sql: String) throws {
        #expect(try Fixtures.one(sql).hazards.contains(.unknownLineage))
    }

    @Test("A condition marks its columns as predicates, and an output its own")
    func uses() throws {
        let analysis = try Fixtures.one("select name from customers where ssn = 'x' order by email")
        #expect(
            analysis.uses("customers") == ["name": .output, "ssn": .lookup, "email": .predicate])
        for sql in [
            "select 1 from customers where ssn like '1%'", "select 1 from customers group by ssn",
            "select count(*) from customers having max(ssn) > 'a'", "select distinct ssn from customers",
            "select 1 from customers c join notes n on c.ssn = n.text", "select 1 from customers order by ssn",
            "select ssn from customers order by 1", "select 1 / (ascii(ssn) - 49) from customers",
            "select case ssn when 'x' then 1 end from customers",
            "select 1 where exists (select from customers where ssn > 'x')",
            "select 1 from notes where text in (select ssn from customers)",
            "select count(*) from (select ssn from customers) x where ssn > 'a'",
            "select 1 from contacts where upper_ssn = 'X'",
            "select count(*) from customers, generate_series(1, ascii(ssn))",
            "select generate_series(1, ascii(ssn)), 1 from customers where id = 1",
            "select 1 from generate_series(1, 9) limit (select ascii(ssn) from customers where id = 1)",
            "select text from notes intersect all select ssn from customers",
            "select count(*) from customers, xmltable('/r' passing (ssn::xml) columns v text path '.')",
            "with recursive t(s) as (select ssn from customers union all select s from t where s > 'a') select 1 from t",
        ] {
            #expect(try Fixtures.one(sql).uses("customers")["ssn"]?.contains(.predicate) == true, "\(sql)")
        }
    }

    @Test("What is written into a column is told with its sources")
    func flows() throws {
        let analysis = try Fixtures.one("insert into notes (id, text) select id, ssn from customers where id = 1")
        let target = BaseColumn(schema: "shop", relation: "notes", column: "text")
        let source = BaseColumn(schema: "shop", relation: "customers", column: "ssn")
        #expect(analysis.flows.contains(ColumnFlow(target: target, sources: [source])))
        #expect(try Fixtures.one("create table t as select ssn as x from customers").flows.count == 1)
        #expect(try Fixtures.one("update orders set total = total").flows.isEmpty)
        // Computed from itself, a column may come to show what a mask that shows a part hides.
        #expect(try Fixtures.one("update orders set total = total + 1").flows.map(\.isDerived) == [true])
    }

    @Test("Literals are told by place, with the columns that they meet")
    func literals() throws {
        let sql = "select * from customers where ssn = '123-45-6789' and id in (1, -2)"
        let analysis = try Fixtures.one(sql)
        let bytes = Array(sql.utf8)
        let texts = analysis.literals.map { String(decoding: bytes[$0.range], as: UTF8.self) }
        #expect(texts == ["'123-45-6789'", "1", "2"])
        #expect(analysis.literals.map { $0.columns.map(\.column) } == [["ssn"], ["id"], ["id"]])
        let insert = try Fixtures.one("insert into notes values (1, 'a'), (2, E'b\\'c')")
        #expect(insert.literals.map { $0.columns.map(\.column) } == [["id"], ["text"], ["id"], ["text"]])
        #expect(try Fixtures.one("alter role x password 'secret'").literals.count == 1)
    }
}

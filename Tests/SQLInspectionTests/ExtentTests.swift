import SQLInspection
import Testing

/// What would fail or not by how long a column's value is, and numbers that hold many.
@Suite struct ExtentTests {
    private func decides(_ sql: String) throws -> Bool {
        try Fixtures.one(sql).accesses.filter { $0.name == "customers" }
            .contains { $0.columns["ssn"]?.contains(.predicate) == true }
    }

    @Test(
        "A column's value beside what fills the server's limit of a value, or a row, decides by its length",
        arguments: [
            "select ssn || repeat('x', 1073741800) from customers",
            "select length(translate(left(ssn, 1), '1', '') || repeat('x', 1073741819)) from customers",
            "select concat(ssn, repeat('x', $1)) from customers",
            "select format('%s%s', ssn, lpad('', $1)) from customers",
            "select concat_ws(repeat('x', 500000000), ssn, 'a', 'b') from customers",
            "select ssn, repeat('x', 1073741800) from customers",
            "select lower(ssn) from customers, (select repeat('x', 1073741800) f) f order by f",
            "select md5(ssn), md5(f) from (select ssn, repeat('x', 1073741800) f from customers offset 0) t",
            "select md5(a), md5(b), row_number() over () from (select left(ssn, 1) a from customers) x, (select repeat('x', 1000000000) b) y",
            "with t as materialized (select left(ssn, 1) || repeat('x', 1073741800) from customers) select count(*) from t",
            "with a as (select 'x'::char(10000000) f), b as (select f || f || f || f || f || f || f || f || f || f f from a), c as (select f || f || f || f || f || f || f || f || f || f || f f from b) select ssn || f from customers, c",
            "select ssn || array_to_string(array_fill('x'::text, array[100000000]), '') from customers",
            "select ssn || replace(note, 'a', $1) from customers, orders",
            "with recursive r (p, n) as (select 'x', 1 union all select p || p, n + 1 from r where n < 31) select left(ssn, 1) || p from r, customers",
            "with recursive r (p, n) as (select left(ssn, 1), 1 from customers union all select p || p, n + 1 from r where n < 31) select length(p) from r",
            "select $1, $1, $1, $1, $1, $1, $1, $1, $1, $1, $1, $1, $1, $1, $1, $1, ssn from customers",
            "select jsonb_build_array($1, $1, $1, ssn) from customers", "select ssn, repeat($1, 100) from customers",
            "select ssn || current_setting('my.filler') from customers",
            "select ssn || string_agg(note, '') from customers, orders group by customers.id",
            "select string_agg(replace(ssn, '1', ''), '') from customers",
            "select length(string_agg(replace(ssn, '1', ''), '')) from customers, generate_series(1, 100000000)",
            "select length(string_agg(ssn, '')) from customers, generate_series(1, 100000000)",
            "select string_agg(ssn, '') from (select ssn from customers where id = 1 union all select repeat('x', 1000) from notes) t",
            "select array(select ssn from customers, notes)",
            "select string_agg(a.ssn, '') from customers a join customers b on a.city = b.city",
        ])
    func fillers(sql: String) throws {
        #expect(try decides(sql))
    }

    @Test(
        "A total of a column's values beside others meets the limit of its type or not",
        arguments: [
            "select sum(x) from (select ssn x from customers where id = 1 union all select $1) t",
            "select sum(case when id = 1 then ssn else 9e131071 end) from customers",
            "select stddev(coalesce(ssn, 9e65535)) from customers",
            "select sum(lag(ssn, 1, 9e131071)) over () from customers",
            "select bit_and(x) from (select ssn x from customers union all select b'101') t",
            "select sum(a.ssn) from customers a right join (values (1)) v (ssn) using (ssn)",
        ])
    func totals(sql: String) throws {
        #expect(try decides(sql))
    }

    @Test(
        "A column that takes a value or not, and an index that has room for it or not, tell of the value",
        arguments: [
            "update customers set ssn = left(ssn, 1) || '0' where id = 1",
            "update customers set ssn = translate(ssn, '1', '')", "update notes set text = ssn from customers",
            "update customers set ssn = (select ssn from customers where id = 2) where id = 1",
            "insert into customers (id, ssn) select id + 100, upper(ssn) from customers",
            "insert into customers as c (id, ssn) values (1, 'x') on conflict (id) do update set ssn = replace(c.ssn, '1', '')",
            "merge into customers c using notes n on n.id = c.id when matched then update set ssn = lower(c.ssn)",
            "create index on customers ((translate(left(ssn, 1), '1', '') || 'and so on'))",
            "create index on customers (name, replace(ssn, '1', ''))",
        ])
    func assignments(sql: String) throws {
        #expect(try decides(sql))
    }

    @Test(
        "What stays far below every limit decides nothing",
        arguments: [
            "select name || ' ' || ssn || ', ' || city from customers", "select concat(ssn, $1, $2) from customers",
            "select repeat('*', 5) || right(ssn, 4) from customers",
            "select lpad(right(ssn, 4), 11, '*') from customers",
            "select json_agg(c) from customers c", "select json_agg(row_to_json(t)) from (select * from customers) t",
            "with t as (select * from customers limit 10) select json_agg(t) from t",
            "select ssn, (select string_agg(note, ', ') from orders o where o.customer_id = c.id) from customers c",
            "select c.ssn, json_agg(o) from customers c join orders o on o.customer_id = c.id group by c.id",
            "select array(select ssn from customers)", "select string_agg(ssn, ',') from customers",
            "select sum(ssn), avg(ssn), stddev(ssn), sum(abs(ssn)) from customers",
            "select ssn, replace(name, 'a', 'aa'), to_char(id, 'FM000') from customers",
            "with recursive r (id, depth) as (select 1, 0 union all select id + 1, depth + 1 from r where depth < 9) select ssn from customers join r using (id)",
            "select ssn, format('%s: %s', name, $1) from customers", "update customers set ssn = ssn",
            "select ssn from customers where id = any (array[\((1...40).map { "$\($0)" }.joined(separator: ","))])",
            "select ssn from customers where id = any (array[\((1...450).map(String.init).joined(separator: ","))])",
            "select ssn, regexp_replace(name, 'a', 'b'), to_char(id, $2), to_char(id, $3) from customers where id = $1",
            "select ssn, translate(name, 'a', 'b') || $2, date_trunc('day', id) from customers where id = $1",
            "update customers set ssn = coalesce($1, ssn) where id = 1", "create index on customers (lower(ssn))",
            "insert into customers as c (id, ssn) values (1, 'x') on conflict (id) do update set ssn = coalesce(excluded.ssn, c.ssn)",
            "create index on customers (name, ssn)",
            "insert into customers (id, name, ssn) values (1, 'a', 'b'), (2, 'c', 'd') returning ssn",
        ])
    func short(sql: String) throws {
        #expect(try !decides(sql))
    }

    @Test(
        "A number that may hold those of many rows is told",
        arguments: [
            "select sum(total * 10000 ^ (id - 1)) from orders", "select avg(total + customer_id) from orders",
            "select sum(x) from (select total * 10000 ^ id x from orders) t",
            "select bit_or(total << 16 * id) from orders", "select sum(length(repeat('x', total * id))) from orders",
            "select sum(case id when 1 then total else total * 10000 end) from orders",
            "select sum(case when total > 5 then 1 when total > 6 then 1000 end) from orders",
            "select regr_sxy(total, id) from orders", "select sum(exp(total)) from orders",
            "select sum(total * id) over () from orders", "select stddev(coalesce(total, 0) * id) from orders",
            "select sum(distinct total * id) from orders", "select sum(total * id) filter (where id < 9) from orders",
        ])
    func packing(sql: String) throws {
        #expect(try Fixtures.one(sql).packsRows)
    }

    @Test(
        "A total of a column itself holds no row's",
        arguments: [
            "select sum(total), avg(total::numeric), stddev(abs(total)) from orders group by customer_id",
            "select sum(coalesce(total, 0)), sum(case when note = 'a' then total else 0 end) from orders",
            "select sum(case when total > 100 then 1 else 0 end) from orders",
            "select sum(x) from (select total x from orders) t",
            "select count(total * id), max(total * id) from orders", "select sum(1), sum($1) from orders",
            "select sum(total) over (partition by customer_id) from orders", "select round(avg(total), 2) from orders",
            "select sum(id) from contacts",
        ])
    func plainTotals(sql: String) throws {
        #expect(try !Fixtures.one(sql).packsRows)
    }

    @Test("Totals of rows that conditions pick count for one each")
    func chosenTotals() throws {
        #expect(
            try Fixtures.one("select sum(total) filter (where id = 1), sum(total) filter (where id = 2) from orders")
                .shownValues == 1)
        #expect(
            try Fixtures.one(
                "select sum(case when id = 1 then total end), sum(case when id = 2 then total end), sum(case when id = 3 then total end) from orders"
            ).shownValues == 2)
        #expect(try Fixtures.one("select sum(total), avg(total), sum(customer_id) from orders").shownValues == 0)
    }
}

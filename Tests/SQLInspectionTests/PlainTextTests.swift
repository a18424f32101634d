import SQLInspection
import Testing

@Suite struct PlainTextTests {
    private func read(_ text: String) -> (key: [UInt8], literals: [String])? {
        var plain = PlainText()
        let bytes = Array(text.utf8)
        guard plain.read(bytes.span) else { return nil }
        return (plain.key, plain.literals.map { String(decoding: bytes[$0], as: UTF8.self) })
    }

    @Test func `literals are found and told from what only looks like them`() throws {
        let found = try #require(read("SELECT t1.c2, x[3] FROM t1 WHERE a=-17 AND b IN ('x y', 000000009)"))
        #expect(found.literals == ["3", "17", "'x y'", "000000009"])
        #expect(
            String(decoding: found.key, as: UTF8.self)
                == "SELECT t1.c2, x[\u{1}] FROM t1 WHERE a=-\u{1} AND b IN (\u{2}, \u{1})")
    }

    @Test(arguments: [
        "SELECT 1 -- note", "SELECT 1 /* note */", "SELECT 1--1", "SELECT \"a\"", "SELECT $1", "SELECT 1.5",
        "SELECT .5",
        "SELECT 1e5", "SELECT 5.", "SELECT 1a", "SELECT 0x1F", "SELECT 1_000", "SELECT 1234567890", "SELECT E'a'",
        "SELECT e'a'", "SELECT x'1F'", "SELECT b'01'", "SELECT n'a'", "SELECT U&'a'", "SELECT U&\"a\"", "SELECT 'a''b'",
        "SELECT 'a'\n'b'", "SELECT 'a' 'b'", "SELECT 'a\\'", "SELECT 'é'", "SELECT é", "SELECT 'open", "SELECT $$a$$",
        "SELECT $a$b$a$", "SELECT 'a\u{1}'", "SELECT \u{1}", "SELECT \u{2}", "SELECT 1\u{c}", "SELECT a$1",
        "SELECT 5'a'",
    ])
    func `anything but plain text is not plain`(_ text: String) {
        #expect(read(text) == nil)
    }

    @Test func `a literal that was looked at is not taken for one that was not`() throws {
        func unread(_ sql: String) throws -> [Bool] { try Fixtures.one(sql).literals.map(\.isUnread) }
        #expect(try unread("SELECT city FROM customers WHERE id = 5 AND name = 'a'") == [true, true])
        #expect(try unread("SELECT city FROM customers WHERE id = 5 LIMIT 10") == [true, false])
        #expect(try unread("SELECT city, id FROM customers WHERE id = 5 ORDER BY 2") == [true, false])
        #expect(try unread("SELECT city FROM customers WHERE id = -5") == [false])
        #expect(try unread("SELECT set_config('work_mem', '4MB', true), 5") == [false, false, true])
        #expect(try unread("SELECT city FROM customers WHERE id = ANY ('{1,2}')") == [false])
        #expect(try unread("INSERT INTO notes VALUES (5, 'x')") == [false, false])
        #expect(try unread("UPDATE notes SET text = 'x' WHERE id = 5").last == false)
        #expect(try unread("SELECT interval(3) '5', city FROM customers WHERE id = 0").last == true)
    }

    @Test func `a view's constants are its own`() throws {
        #expect(try Fixtures.one("SELECT address FROM contacts WHERE id = 7").literals.map(\.isUnread) == [true])
    }

    /// What was judged for one text is used for others: they must mean the same.
    @Test func `texts that differ in unread literals have the same analysis`() throws {
        var random = SystemRandomNumberGenerator()
        var shared = 0
        for _ in 0..<1_200 {
            let template = RandomStatement.make(&random)
            let first = RandomStatement.fill(template, &random)
            var one = PlainText()
            guard one.read(Array(first.utf8).span), let analysis = try? Fixtures.one(first) else { continue }
            let unread = Set(analysis.literals.filter(\.isUnread).map(\.range))
            // Only what was not looked at gets another value.
            let free = one.literals.map { unread.contains($0) }
            guard free.contains(true) else { continue }
            for _ in 0..<2 {
                let second = RandomStatement.replace(one.literals, where: free, in: first, &random)
                var other = PlainText()
                let isPlain = other.read(Array(second.utf8).span)
                #expect(isPlain)
                #expect(other.key == one.key)
                let full = try Fixtures.one(second)
                #expect(full.literals.map(\.range).filter { other.literals.contains($0) } == other.literals)
                #expect(
                    RandomStatement.withoutPlaces(full) == RandomStatement.withoutPlaces(analysis),
                    "\(first)\n\(second)")
                shared += 1
            }
        }
        #expect(shared > 300)
    }
}

/// Statements in which literals stand wherever the grammar takes them.
private enum RandomStatement {
    private static let parts: [String: [String]] = [
        "S": [
            "SELECT {T} FROM {F} WHERE {P}{O}{L}", "SELECT {T} FROM {F} WHERE {P}{O}{L}", "SELECT {T} FROM {F}{O}{L}",
            "SELECT {E}", "WITH w AS (SELECT {T} FROM {F} WHERE {P}) SELECT * FROM w{L}",
            "SELECT {T} FROM {F} WHERE {P} UNION SELECT {T} FROM {F}{O}{L}",
            "SELECT city, count(*) FROM customers WHERE {P} GROUP BY {G} HAVING count(*) > {I}{O}",
            "UPDATE notes SET text = {V}, id = {E} WHERE {P}", "DELETE FROM notes WHERE {P}",
            "INSERT INTO notes VALUES ({E}, {V}), ({I}, {S})", "INSERT INTO notes (id) SELECT {E} FROM {F} WHERE {P}",
            "DELETE FROM orders WHERE {P} RETURNING {T}", "VALUES ({I}, {S}), ({I}, {S}){O}{L}",
            "SELECT DISTINCT ON ({G}) {T} FROM {F}{O}", "SELECT {T} FROM {F} FETCH FIRST {I} ROWS ONLY",
            "SELECT {T} FROM {F} TABLESAMPLE system ({I})",
            "SELECT sum(id) OVER (ORDER BY {G} ROWS {I} PRECEDING) FROM orders",
        ],
        "T": [
            "*", "id", "{E}", "{E}, {E}", "id, {E} AS x", "count(*)", "upper({V})",
            "(SELECT {E} FROM orders WHERE {P})",
        ],
        "F": [
            "customers", "orders", "contacts", "customers c JOIN orders o ON {P}", "notes, orders", "events",
            "generate_series({I}, {I}) AS id", "(SELECT id, {E} AS k FROM customers WHERE {P}) AS s",
        ],
        "P": [
            "id = {I}", "id = {I}", "id IN ({I}, {I}, {I})", "id BETWEEN {I} AND {I}", "city = {S}", "ssn = {S}",
            "name LIKE {S}", "id = {E} AND {P}", "({P} OR {P})", "NOT {P}", "id = ANY ({S})", "{E} = {E}", "{I} = {I}",
            "id IN (SELECT customer_id FROM orders WHERE {P})", "EXISTS (SELECT {I} FROM orders WHERE {P})",
        ],
        "E": [
            "{I}", "{S}", "id", "id + {I}", "id / {I}", "id % {I}", "{I} / id", "-{I}", "CAST({I} AS text)", "{S}::int",
            "numeric({I}, {I}) {S}", "substr({V}, {I}, {I})", "CASE WHEN {P} THEN {I} ELSE {I} END",
            "coalesce(id, {I})",
            "ARRAY[{I}, {I}]", "(ARRAY[{I}, {I}])[{I}]", "row({I}, {S})", "date {S}", "interval {S} second({I})",
            "float({I}) {S}",
            "left({V}, {I})", "set_config({S}, {S}, true)", "nth_value(id, {I}) OVER ()", "round({I}, {I})", "id = {I}",
            "repeat({V}, {I})", "CAST({S} AS varchar({I}))", "CAST({S} AS timestamp({I}))", "lpad({V}, {I}, {S})",
        ],
        "V": ["{S}", "city", "name", "ssn", "{S} || {V}", "upper({V})"],
        "G": ["{I}", "id", "city", "{E}"],
        "O": ["", "", " ORDER BY {G}", " ORDER BY {G} DESC, {I}"],
        "L": ["", "", " LIMIT {I}", " LIMIT {I} OFFSET {I}", " OFFSET {I}", ";"],
    ]

    static func make(_ random: inout some RandomNumberGenerator) -> String {
        var depth = 0
        return expand("{S}", &random, &depth)
    }

    private static func expand(_ text: String, _ random: inout some RandomNumberGenerator, _ depth: inout Int) -> String
    {
        // `{S}` at the beginning is a statement, elsewhere a string.
        var result = ""
        var rest = (depth == 0 ? (parts["S"]?.randomElement(using: &random) ?? "") : text)[...]
        depth += 1
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            let name = String(rest[rest.index(after: open)])
            rest = rest[rest.index(open, offsetBy: 3)...]
            if name == "I" || name == "S" {
                result += "{\(name)}"
            } else if depth > 12, name != "L", name != "O" {
                result += name == "P" ? "id = {I}" : name == "F" ? "orders" : "{I}"
            } else {
                var inner = depth
                result += expand(parts[name]?.randomElement(using: &random) ?? "", &random, &inner)
            }
        }
        return result + rest
    }

    static func fill(_ template: String, _ random: inout some RandomNumberGenerator) -> String {
        var result = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            result += rest[rest.index(after: open)] == "I" ? integer(&random) : string(&random)
            rest = rest[rest.index(open, offsetBy: 3)...]
        }
        return result + rest
    }

    static func replace(
        _ literals: [Range<Int>], where free: [Bool], in text: String, _ random: inout some RandomNumberGenerator
    ) -> String {
        var bytes = Array(text.utf8)
        for (range, isFree) in zip(literals, free).reversed() where isFree {
            let isString = bytes[range.lowerBound] == UInt8(ascii: "'")
            bytes.replaceSubrange(range, with: Array((isString ? string(&random) : integer(&random)).utf8))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func integer(_ random: inout some RandomNumberGenerator) -> String {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: "0"
        case 1: "1"
        case 2: "2"
        case 3: "007"
        case 4: "\(Int.random(in: 0...999_999_999, using: &random))"
        default: "\(Int.random(in: 0...2_000, using: &random))"
        }
    }

    private static func string(_ random: inout some RandomNumberGenerator) -> String {
        [
            "''", "'a'", "'1'", "'{1,2,3}'", "'search_path'", "'work_mem'", "'4MB'", "'; DROP TABLE notes'", "'-- x'",
            "'/* x */'", "'123-45-6789'", "'%'", "'2026-01-01'", "'a b c'", "'$1'", "'\"'", "'on'", "'true'",
        ].randomElement(using: &random) ?? "'a'"
    }

    /// Where literals and the statement stand follows from the text.
    static func withoutPlaces(_ analysis: StatementAnalysis) -> StatementAnalysis {
        var result = analysis
        result.textRange = 0..<0
        result.unknownName?.location = 0
        for index in result.literals.indices { result.literals[index].range = index..<index }
        return result
    }
}

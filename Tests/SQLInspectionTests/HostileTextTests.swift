import SQLInspection
import Testing

struct HostileTextTests {
    private static func repeated(_ before: String, _ part: String, _ middle: String, _ after: String, _ count: Int)
        -> String
    {
        before + String(repeating: part, count: count) + middle + String(repeating: after, count: count)
    }

    @Test(
        "A text that nests or chains without end is judged or refused, and ends no process",
        arguments: [1_000, 100_000])
    func bombs(count: Int) async throws {
        let parser = LargeStackParser(inspector: StatementInspector())
        let texts = [
            Self.repeated("select 1", "+1", "", "", count), Self.repeated("select ", "(", "1", ")", count),
            Self.repeated("select 1", " union select 1", "", "", count),
            Self.repeated("select 1", " union all (select 1", "", ")", count),
            Self.repeated("select ", "(select ", "1", ")", count),
            Self.repeated("select * from ", "(select * from ", "notes", ") x", count),
            Self.repeated("select ", "array[", "1", "]", count),
            Self.repeated("select ", "case when true then ", "1", " end", count),
            Self.repeated("select ", "not ", "true", "", count), Self.repeated("select ", "- ", "1", "", count),
            Self.repeated("select ", "lower(", "'x'", ")", count), Self.repeated("select 1", "::int", "", "", count),
            Self.repeated("select (a)", ".b", " from notes a", "", count),
            Self.repeated("select * from notes", " join notes on true", "", "", count),
            Self.repeated("select 1 where true", " and 1 = 1", "", "", count),
            Self.repeated("select ", "(true and ", "true", " or true)", count),
            Self.repeated("", "with a as (", "select 1", ") select 1", count),
            Self.repeated("select ", "exists (select ", "1", ")", count),
            Self.repeated("", "explain ", "select 1", "", count), Self.repeated("select 'a'", " || 'b'", "", "", count),
            Self.repeated("select ", "row(", "1", ")", count), Self.repeated("", "select 1;", "", "", count),
            Self.repeated("select a", "[1]", " from notes a", "", count),
            Self.repeated("select 1 in (1", ", 2", ")", "", count),
            Self.repeated("insert into notes values (1, 'x')", ", (1, 'x')", "", "", min(count, 20_000)),
        ]
        for text in texts {
            do throws(StatementError) {
                let parsed = try await parser.parse(Array(text.utf8))
                let analyses = parsed.analyze(catalog: Fixtures.catalog, scope: Fixtures.scope)
                #expect(analyses.count > 0)
            } catch {
                #expect([.tooDeep, .tooLong, .syntax].contains(error.code))
            }
        }
    }

    @Test("A long run of operators or of comments' starts, which takes the lexer its square, is refused before it")
    func operatorRuns() throws {
        for run in ["+", "/*", "=", "-/"] {
            let text = "select 1 " + String(repeating: run, count: 200_000)
            #expect {
                _ = try StatementInspector().stackNeed(of: text.utf8)
            } throws: { ($0 as? StatementError)?.code == .tooLong }
        }
        // A banner in a comment is none.
        let banner = "/*" + String(repeating: "=", count: 2_000) + "*/ select 1"
        #expect(try StatementInspector().stackNeed(of: banner.utf8) == .inline)
    }

    @Test("A thousand nested parentheses are nothing special")
    func parentheses() throws {
        let text = Self.repeated("select ", "(", "1", ")", 400)
        #expect(try Fixtures.one(text).kind == .query)
    }

    @Test("An assignment of many columns at once, nested, is refused before it is parsed")
    func multipliedAssignments() async {
        var text = "1"
        for _ in 0..<40 {
            text = "(with x as (update notes set (id, text) = (select \(text), 2) returning 1) select 1)"
        }
        let parser = LargeStackParser(inspector: StatementInspector())
        await #expect(throws: StatementError.self) { try await parser.parse(Array("select \(text)".utf8)) }
        let columns = (0..<20_000).map { "c\($0)" }.joined(separator: ",")
        await #expect(throws: StatementError.self) {
            try await parser.parse(Array("update notes set (\(columns)) = (\(columns))".utf8))
        }
        let ordinary =
            "select 1 from notes where " + (0..<60).map { "(id, text) = (\($0), 'x')" }.joined(separator: " or ")
        #expect(throws: Never.self) { _ = try Fixtures.one(ordinary) }
    }

    @Test("Bytes that are no text of SQL's are refused, and the refusal quotes nothing of them")
    func refused() {
        let inspector = StatementInspector()
        let texts: [([UInt8], StatementError.Code)] = [
            ([0x73, 0], .encoding), ([0x27, 0xFF, 0x27], .encoding), (Array("select 'secret".utf8), .syntax),
            (Array("selec 123-45-6789".utf8), .syntax), (Array(repeating: 0x20, count: 1 << 21), .tooLong),
            (Array("select \u{FFFE} from".utf8) + [0xC0, 0x80], .encoding),
        ]
        for (text, code) in texts {
            do throws(StatementError) {
                _ = try inspector.parse(text)
                Issue.record("\(text.prefix(20)) was taken")
            } catch {
                #expect(error.code == code)
                #expect(!error.description.contains("6789") && !error.description.contains("secret"))
            }
        }
    }

    @Test("No mutation of a statement crashes the inspector")
    func mutations() {
        var random = SplitMix(state: 42)
        let corpus = [
            "with recursive t(i, s) as (select id, ssn from customers where id = 1 union all select o.id, t.s from orders o join t on o.customer_id = t.i) select s, i from t",
            "merge into notes n using customers c on n.id = c.id when matched then update set text = c.ssn when not matched then insert values (c.id, c.ssn)",
            "insert into notes values (1, E'a\\'b') on conflict (id) do update set (id, text) = (excluded.id, 'x') where notes.id > 1 returning *",
            "select c.*, (c).ssn, count(*) filter (where ssn like 'a%') over (partition by city) from only customers c natural full join orders where id in (select 1) group by grouping sets ((1), ()) order by 1 limit 5 for update of c",
            "copy (select * from json_each('{}') with ordinality as x(a, b, c)) to stdout with (format csv, header match, delimiter ';')",
            "select * from xmltable('/a' passing d columns b text, c for ordinality) x, lateral (select x.b) y where (a, b) = (1, $tag$x$tag$)",
            "create view v(a) as select ssn from contacts; set search_path to a, \"b\"; explain (analyze off) table notes; declare c cursor for values (1)",
        ].map { Array($0.utf8) }
        let inspector = StatementInspector()
        for round in 0..<6_000 {
            var text = corpus[round % corpus.count]
            for _ in 0...random.below(3) {
                let place = random.below(text.count)
                switch random.below(5) {
                case 0: text.remove(at: place)
                case 1:
                    text.insert(
                        contentsOf: Array("()'\"$,.*;:[]-/1a ".utf8).shuffled(using: &random).prefix(1), at: place)
                case 2: text[place] = UInt8(random.below(256))
                case 3: text.removeSubrange(place..<min(place + random.below(20), text.count))
                default:
                    let other = corpus[random.below(corpus.count)]
                    let start = random.below(other.count)
                    text.insert(contentsOf: other[start..<min(start + random.below(30), other.count)], at: place)
                }
                if text.isEmpty { text = [0x20] }
            }
            guard let parsed = try? inspector.parse(text) else { continue }
            for analysis in parsed.analyze(catalog: Fixtures.catalog, scope: Fixtures.scope) {
                #expect(analysis.textRange.upperBound <= text.count)
                #expect(analysis.literals.allSatisfy { $0.range.upperBound <= text.count })
            }
        }
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<max(bound, 1), using: &self) }
}

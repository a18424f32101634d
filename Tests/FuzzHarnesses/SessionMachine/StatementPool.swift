/// Statements whose answers are known: what a real server would say to each is written down beside it.
enum StatementPool {
    /// What a policy must give for it.
    enum Need: Hashable, Sendable {
        case read, write, delete, define
        /// No policy here lets it pass.
        case never
        /// It touches nothing: transactions, settings, names.
        case free
    }

    /// A cell of a result, and where it comes from.
    enum Cell: Hashable, Sendable {
        case id, name, ssn, card, born, note
        /// The column `other.customers.ssn`, which nobody classified.
        case otherSSN
        /// A view's column over `ssn`.
        case taxNumber
        /// Computed from the ssn: an expression, which comes from no table.
        case upper, lower, reversed, hexadecimal, wrapped
        case constant(String)
        /// A value of so many bytes.
        case long(Int)
    }

    enum Answer: Hashable, Sendable {
        case rows([Cell], tag: String)
        case command(String)
        /// SQLSTATE, message, detail.
        case error(String, String, String)
        case copyOut([Cell], CopyForm)
        case copyIn
        case begin, commit, rollback
        case searchPath(String, isLocal: Bool)
        case prepare(String, Int)
        case execute(String)
        case declare(String, Int)
        case fetch(String, Int)
        case close(String?)
        case deallocate(String?)
    }

    enum CopyForm: Hashable, Sendable { case text, csv, binary }

    struct Statement: Hashable, Sendable {
        var text: String
        var need: Need
        var answer: Answer
        /// It names `customers` without a schema: with another search path it is another table.
        var followsPath = false
    }

    /// Where the statements stand that others refer to by number.
    static let plain = 0
    static let derived = 4

    static let all: [Statement] = reads + copies + writes + names + forbidden

    static let byText: [String: Statement] = Dictionary(
        all.map { ($0.text, $0) }, uniquingKeysWith: { first, _ in first })

    private static let reads: [Statement] = [
        read("SELECT ssn, card, born FROM customers", [.ssn, .card, .born], followsPath: true),
        read("SELECT id, name FROM public.customers WHERE id = $1", [.id, .name]),
        read("SELECT * FROM public.customers", [.id, .name, .ssn, .card, .born]),
        read("SELECT ssn FROM customers", [.ssn], followsPath: true),
        read("SELECT upper(ssn), name FROM public.customers", [.upper, .name]),
        read("SELECT lower(c.ssn) AS x FROM public.customers c", [.lower]),
        read("SELECT reverse(ssn) AS name FROM public.customers", [.reversed]),
        read("SELECT encode(ssn::bytea, 'hex') FROM public.customers", [.hexadecimal]),
        read("SELECT c FROM public.customers c", [.wrapped]),
        read("SELECT row_to_json(c) FROM public.customers c", [.wrapped]),
        read("SELECT string_agg(ssn, ',') FROM public.customers", [.wrapped]),
        read("WITH q AS (SELECT ssn AS a FROM public.customers) SELECT a || '' FROM q", [.wrapped]),
        read("SELECT ssn FROM public.customers UNION SELECT card FROM public.customers", [.wrapped]),
        read("SELECT (SELECT max(ssn) FROM public.customers) AS id FROM public.orders", [.wrapped]),
        read("SELECT tax_number FROM public.people", [.taxNumber]),
        read("SELECT tax_number || 'x' FROM public.people", [.wrapped]),
        read("SELECT ssn FROM other.customers", [.otherSSN]),
        read("SELECT id, note FROM public.orders", [.id, .note]),
        read("SELECT note FROM public.orders WHERE id = $1", [.note]),
        read("SELECT 1", [.constant("1")]),
        read("SELECT repeat('x', 300000) AS note FROM public.orders", [.long(300_000)]),
        read("SELECT count(*) FROM public.orders", [.constant("3")]),
        failing("SELECT ssn::int FROM public.customers", "22P02", quoting: "invalid input syntax for type integer:"),
        Statement(
            text: "SELECT 1 / 0 FROM public.customers", need: .read, answer: .error("22012", "division by zero", "")),
        failing(
            "SELECT current_setting(ssn) FROM public.customers", "42704",
            quoting: "unrecognized configuration parameter"),
    ]

    private static let copies: [Statement] = [
        copy("COPY public.customers TO STDOUT", [.id, .name, .ssn, .card, .born], .text),
        copy("COPY public.customers (ssn, id) TO STDOUT (FORMAT csv, HEADER)", [.ssn, .id], .csv),
        copy("COPY (SELECT upper(ssn), note FROM public.customers, public.orders) TO STDOUT", [.upper, .note], .text),
        copy("COPY public.orders TO STDOUT", [.id, .note], .text),
        copy("COPY public.customers (ssn) TO STDOUT (FORMAT binary)", [.ssn], .binary),
        copy("COPY public.orders (id) TO STDOUT (FORMAT binary)", [.id], .binary),
        Statement(text: "COPY public.orders FROM STDIN", need: .write, answer: .copyIn),
    ]

    private static let writes: [Statement] = [
        Statement(
            text: "INSERT INTO public.orders (id, note) VALUES ($1, $2)", need: .write, answer: .command("INSERT 0 1")),
        Statement(
            text: "INSERT INTO public.customers (id, ssn) VALUES (1, 'x')", need: .write,
            answer: .error(
                "23505", "duplicate key value violates unique constraint \"customers_ssn_key\"",
                "Key (ssn)=(\(PlantedValues.ssn)) already exists.")),
        Statement(
            text: "UPDATE public.customers SET name = 'n' WHERE id = 1 RETURNING ssn, upper(ssn)", need: .write,
            answer: .rows([.ssn, .upper], tag: "UPDATE 3")),
        Statement(
            text: "DELETE FROM public.orders WHERE id = 7", need: .delete, answer: .command("DELETE 1")),
        Statement(
            text: "DELETE FROM public.customers WHERE id = $1 RETURNING card", need: .delete,
            answer: .rows([.card], tag: "DELETE 3")),
        Statement(text: "CREATE TABLE public.fresh (a int)", need: .define, answer: .command("CREATE TABLE")),
        Statement(text: "DROP TABLE public.fresh", need: .define, answer: .command("DROP TABLE")),
    ]

    private static let names: [Statement] = [
        Statement(text: "BEGIN", need: .free, answer: .begin),
        Statement(text: "COMMIT", need: .free, answer: .commit),
        Statement(text: "ROLLBACK", need: .free, answer: .rollback),
        Statement(text: "SET search_path = other", need: .free, answer: .searchPath("other", isLocal: false)),
        Statement(text: "SET search_path = public", need: .free, answer: .searchPath("public", isLocal: false)),
        Statement(text: "SET LOCAL search_path = other", need: .free, answer: .searchPath("other", isLocal: true)),
        Statement(text: "PREPARE a AS \(reads[plain].text)", need: .read, answer: .prepare("a", plain)),
        Statement(text: "PREPARE b AS \(reads[derived].text)", need: .read, answer: .prepare("b", derived)),
        Statement(text: "EXECUTE a", need: .free, answer: .execute("a")),
        Statement(text: "EXECUTE b", need: .free, answer: .execute("b")),
        Statement(text: "DEALLOCATE a", need: .free, answer: .deallocate("a")),
        Statement(text: "DEALLOCATE ALL", need: .free, answer: .deallocate(nil)),
        Statement(text: "DECLARE a CURSOR FOR \(reads[plain].text)", need: .read, answer: .declare("a", plain)),
        Statement(text: "DECLARE b CURSOR FOR \(reads[derived].text)", need: .read, answer: .declare("b", derived)),
        Statement(text: "FETCH 1 FROM a", need: .free, answer: .fetch("a", 1)),
        Statement(text: "FETCH ALL FROM b", need: .free, answer: .fetch("b", 9)),
        Statement(text: "CLOSE a", need: .free, answer: .close("a")),
        Statement(text: "CLOSE ALL", need: .free, answer: .close(nil)),
    ]

    private static let forbidden: [Statement] = [
        "SELECT pg_read_file('/etc/passwd')", "DO $$ BEGIN RAISE NOTICE 'x'; END $$", "SET ROLE postgres",
        "COPY public.customers TO PROGRAM 'cat'", "SELECT rolpassword FROM pg_authid", "SELECT * FROM public.unknown",
        "SET client_encoding = 'LATIN1'", "SELECT public.f(ssn) FROM public.customers", "TRUNCATE public.customers",
        "SELECT lo_get(1)", "SELEC 1", "LOAD 'x'", "ALTER TABLE public.customers RENAME ssn TO x",
        "SELECT most_common_vals FROM pg_stats", "SELECT 1; SELECT pg_read_file('/etc/passwd')",
    ].map { Statement(text: $0, need: .never, answer: .rows([.wrapped], tag: "SELECT 3")) }

    private static func read(_ text: String, _ cells: [Cell], followsPath: Bool = false) -> Statement {
        Statement(text: text, need: .read, answer: .rows(cells, tag: "SELECT 3"), followsPath: followsPath)
    }

    private static func failing(_ text: String, _ state: String, quoting message: String) -> Statement {
        Statement(
            text: text, need: .read,
            answer: .error(state, "\(message) \"\(PlantedValues.ssn)\"", "Row was (\(PlantedValues.card))."))
    }

    private static func copy(_ text: String, _ cells: [Cell], _ form: CopyForm) -> Statement {
        Statement(text: text, need: .read, answer: .copyOut(cells, form))
    }
}

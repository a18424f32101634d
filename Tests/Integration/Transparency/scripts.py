"""What is said to the server and to the sidecar in the same words. Each script has a connection of its own."""
import struct
import time

from wire import (COPY_DONE, FLUSH, SYNC, Connection, bind, close, copy_data, copy_fail, describe, execute, message, parse,
                  query)

SCRIPTS = {}


def script(run):
    SCRIPTS[run.__name__] = run
    return run


def statements(connection, *texts):
    for text in texts:
        connection.ask(text)


@script
def plain_queries(c):
    statements(
        c, "", ";", " -- nothing\n", "/* nothing */;;", "SELECT", "SELECT 1", "SELECT NULL", "SELECT 1; SELECT 'two'; SELECT NULL",
        "SELECT 1;; ;SELECT 2", "SELECT * FROM transparent.things ORDER BY id LIMIT 3", "TABLE transparent.small",
        "VALUES (1, 'a'), (2, NULL)", "SELECT id, note FROM transparent.things WHERE false",
        "SELECT count(*), sum(size), avg(size) FROM transparent.things", "SHOW server_version", "SHOW ALL",
        "SELECT 'zwölf' AS \"größe\", 1 AS \"a b\", 2 AS \"\"\"q\"\"\"", "SELECT E'\\t\\n\\\\', U&'\\0041', $a$it's$a$, B'101', X'1F'",
        "SELECT transparent.twice(4)", "CALL transparent.work()", "DO $$ BEGIN RAISE NOTICE 'from code'; END $$",
        "SELECT * FROM generate_series(1, 2000)", "SELECT t FROM transparent.things t LIMIT 2",
        "SELECT row_to_json(t), t.* FROM transparent.things t LIMIT 2", "SELECT ARRAY[ROW(1, 'x')], ROW(1, NULL, '')",
        "EXPLAIN SELECT * FROM transparent.things", "EXPLAIN (FORMAT json) SELECT 1",
        "EXPLAIN (ANALYZE, COSTS off) SELECT count(*) FROM transparent.things")


@script
def settings(c):
    statements(
        c, "SET application_name = 'another'", "SET TimeZone = 'Asia/Kathmandu'", "SELECT now()::date IS NOT NULL",
        "SET DateStyle = 'German'", "SELECT '2026-02-28'::date", "SET IntervalStyle = 'iso_8601'", "SELECT '1 day'::interval",
        "SET extra_float_digits = 0", "SELECT 0.1::float8 + 0.2", "SET bytea_output = 'escape'", "SELECT '\\x00ff'::bytea",
        "SET search_path = transparent, public", "SELECT * FROM small", "SHOW search_path", "BEGIN", "SET LOCAL search_path = public",
        "SELECT * FROM small", "ROLLBACK", "SELECT count(*) FROM small", "SET client_min_messages = 'debug1'", "SELECT 1",
        "RESET client_min_messages", "SET statement_timeout = 50", "SELECT pg_sleep(5)", "RESET statement_timeout",
        "SET transparent.own = 'x'", "SHOW transparent.own", "SHOW no_such_setting", "SET no_such_setting = 1", "RESET ALL",
        "DISCARD ALL", "SELECT 1", "SET default_transaction_read_only = on", "INSERT INTO transparent.parts VALUES (1, 1)",
        "SET default_transaction_read_only = off")


@script
def transactions(c):
    statements(
        c, "BEGIN", "SELECT 1", "SAVEPOINT a", "SELECT 1/0", "SELECT 1", "ROLLBACK TO a", "SELECT 2", "RELEASE a", "COMMIT",
        "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE", "SHOW transaction_isolation", "END", "COMMIT", "ROLLBACK",
        "BEGIN; SELECT 1; COMMIT", "BEGIN; BEGIN", "ROLLBACK", "SELECT 1; SELECT 1/0; SELECT 2", "BEGIN; SELECT 1/0; COMMIT",
        "COMMIT", "BEGIN", "INSERT INTO transparent.parts VALUES (1, -1)", "COMMIT", "BEGIN", "LOCK transparent.things",
        "SELECT * FROM transparent.things WHERE id = 1 FOR UPDATE", "ROLLBACK", "START TRANSACTION; PREPARE TRANSACTION 'x'",
        "ROLLBACK", "SAVEPOINT outside", "SET LOCAL search_path = x", "SET CONSTRAINTS ALL IMMEDIATE")


@script
def errors(c):
    statements(
        c, "SELEC 1", "SELECT * FROM nowhere", "SELECT nothing FROM transparent.things", "SELECT 1/0", "SELECT 'x'::int",
        "SELECT '2026-13-45'::date", "SELECT 99999999999::int", "SELECT no_such_function(1)", "SELECT 'a' + 1",
        "INSERT INTO transparent.things VALUES (1, 'again', 1)", "INSERT INTO transparent.things VALUES (2000, NULL, 1)",
        "INSERT INTO transparent.things VALUES (2000, 'x', -1)", "DELETE FROM transparent.things WHERE id = 1; SELECT 1/0",
        "INSERT INTO transparent.parts VALUES (1, 99999)", "SELECT transparent.twice(-1)",
        "SELECT transparent.twice(i) FROM (VALUES (1), (-1), (2)) AS v (i)", "SELECT (", "SELECT 'unterminated", "SELECT $1",
        "SELECT nosuch.x", "SELECT id FROM transparent.things GROUP BY note", "DROP TABLE nowhere", "CREATE TABLE transparent.things ()",
        "SELECT xmlparse(DOCUMENT '<a>')", "SELECT 'x'::json", "SELECT jsonb_path_query('[]', '$[')", "SELECT to_date('x', 'YYYY')",
        "SELECT repeat('x', 2000000000)", "SELECT 'a@b'::transparent.email_text, 'ab'::transparent.email_text",
        "SELECT 'angry'::transparent.mood", "SELECT * FROM transparent.things WHERE note ~ '('", "EXECUTE nothing", "FETCH nothing",
        "DEALLOCATE nothing", "CLOSE nothing", "SELECT 1 FROM transparent.things HAVING", "SELECT chr(0)",
        "SELECT convert_from('\\xff', 'UTF8')", "SELECT set_config('work_mem', 'x', false)", "ALTER SYSTEM SET x = 1",
        "DO $$ BEGIN PERFORM 1/0; END $$", "DO $$ BEGIN ASSERT false, 'asserted'; END $$", "SELECT lag(1)",
        "CREATE INDEX ON transparent.things ((1/0))", "SELECT " + "(" * 200 + "1" + ")" * 200, "SELECT 1 AS a ORDER BY b")


@script
def notices(c):
    statements(
        c, "DROP TABLE IF EXISTS nowhere", "CREATE TABLE IF NOT EXISTS transparent.things ()", "SET client_min_messages = 'log'",
        "SELECT transparent.twice(i) FROM generate_series(1, 3) i", "RESET client_min_messages", "COMMIT", "VACUUM transparent.parts",
        "DO $$ BEGIN RAISE INFO 'i'; RAISE WARNING 'w' USING HINT = 'h'; RAISE LOG 'l'; RAISE DEBUG 'd'; END $$")


@script
def writes(c):
    statements(
        c, "BEGIN", "INSERT INTO transparent.things VALUES (2000, 'new', 1), (2001, 'new', 2) RETURNING *",
        "UPDATE transparent.things SET note = upper(note) WHERE id < 3 RETURNING id, note", "DELETE FROM transparent.things WHERE id = 3",
        "INSERT INTO transparent.things VALUES (1, 'x', 1) ON CONFLICT (id) DO UPDATE SET note = excluded.note RETURNING things",
        "WITH gone AS (DELETE FROM transparent.things WHERE id > 1999 RETURNING *) SELECT count(*) FROM gone",
        "MERGE INTO transparent.things t USING (VALUES (4)) AS v (id) ON t.id = v.id WHEN MATCHED THEN UPDATE SET size = 5",
        "TRUNCATE transparent.parts", "ROLLBACK")


@script
def definitions(c):
    statements(
        c, "BEGIN", "CREATE TABLE transparent.made (a int GENERATED ALWAYS AS IDENTITY, b text DEFAULT 'x', c transparent.pair)",
        "INSERT INTO transparent.made (b) VALUES ('y') RETURNING *", "SELECT * FROM transparent.made",
        "ALTER TABLE transparent.made ADD COLUMN d date", "SELECT * FROM transparent.made", "CREATE INDEX ON transparent.made (b)",
        "CREATE VIEW transparent.seen AS SELECT a, b FROM transparent.made", "SELECT * FROM transparent.seen",
        "COMMENT ON TABLE transparent.made IS 'c'", "DROP TABLE transparent.made CASCADE", "CREATE TYPE transparent.e AS ENUM ('x')",
        "SELECT 'x'::transparent.e", "ROLLBACK", "CREATE TEMPORARY TABLE mine AS SELECT 1 AS a", "SELECT * FROM mine", "DROP TABLE mine",
        "CREATE TABLE transparent.kept (a int)", "INSERT INTO transparent.kept VALUES (1)", "SELECT * FROM transparent.kept",
        "ALTER TABLE transparent.kept RENAME a TO b", "SELECT b FROM transparent.kept", "DROP TABLE transparent.kept",
        "SELECT * INTO TEMPORARY picked FROM transparent.small", "SELECT * FROM picked")


@script
def cursors(c):
    statements(
        c, "BEGIN", "DECLARE a SCROLL CURSOR FOR SELECT * FROM transparent.things ORDER BY id", "FETCH 2 FROM a", "FETCH BACKWARD 1 FROM a",
        "MOVE 10 IN a", "FETCH ABSOLUTE 5 FROM a", "FETCH RELATIVE -2 FROM a", "FETCH LAST FROM a", "FETCH ALL FROM a", "FETCH 0 FROM a",
        "DECLARE b BINARY CURSOR FOR SELECT id, note FROM transparent.things ORDER BY id", "FETCH 2 FROM b", "CLOSE b",
        "UPDATE transparent.things SET size = 7 WHERE CURRENT OF a", "DECLARE k CURSOR WITH HOLD FOR SELECT 1 AS one", "CLOSE ALL",
        "DECLARE k CURSOR WITH HOLD FOR SELECT g FROM generate_series(1, 3) g", "COMMIT", "FETCH 1 FROM k", "FETCH ALL FROM k", "CLOSE k",
        "DECLARE outside CURSOR FOR SELECT 1", "SELECT name, statement FROM pg_cursors")


@script
def prepared_in_sql(c):
    statements(
        c, "PREPARE p (int) AS SELECT id, note FROM transparent.things WHERE id = $1", "EXECUTE p (3)", "EXECUTE p ('x')", "EXECUTE p",
        "SELECT name, statement, parameter_types FROM pg_prepared_statements", "PREPARE p AS SELECT 1",
        "CREATE TEMPORARY TABLE t AS EXECUTE p (2)", "SELECT * FROM t", "DEALLOCATE p", "EXECUTE p (1)", "DEALLOCATE ALL")


@script
def extended(c):
    for wanted in ([], [0], [1], [0, 1], [1, 1]):
        c.run(parse("SELECT id, note FROM transparent.things WHERE id = $1"), describe(b"S"), bind([b"5"], wanted=wanted),
              describe(b"P"), execute())
    c.run(parse("SELECT $1, $2::int, $3", types=[25, 0, 1700]), describe(b"S"), bind([b"x", b"2", None]), execute())
    c.run(parse("SELECT 1", "named"), bind(statement="named", portal="p"), execute(portal="p"), execute(portal="p"))
    c.run(bind(statement="named"), execute(), bind(statement="named"), execute())
    c.run(parse("SELECT 2", "named"), SYNC)
    c.ready()
    c.run(close(b"S", "named"), parse("SELECT 2", "named"), describe(b"S", "named"), close(b"P", "none"), close(b"S", "none"))
    c.run(parse(""), bind(), describe(b"P"), execute())
    c.run(parse("BEGIN"), bind(), execute(), parse("INSERT INTO transparent.parts VALUES (5, 5)"), bind(), describe(b"P"), execute())
    c.run(parse("UPDATE transparent.parts SET thing = 1 RETURNING id"), bind(), describe(b"P"), execute(), parse("ROLLBACK"), bind(), execute())
    c.run(parse("SHOW TimeZone"), describe(b"S"), bind(), execute())
    c.run(parse("EXPLAIN SELECT 1"), describe(b"S"), bind(wanted=[0]), execute())
    c.run(parse("PREPARE q AS SELECT 1 AS one"), bind(), execute(), parse("EXECUTE q"), describe(b"S"), bind(), execute())
    c.run(parse("BEGIN"), bind(), execute(), parse("DECLARE k CURSOR FOR SELECT 1 AS one"), bind(), execute(),
          parse("FETCH ALL FROM k"), describe(b"S"), bind(), describe(b"P"), execute(), describe(b"P", "k"), parse("COMMIT"), bind(), execute())
    c.run(parse("CALL transparent.work()"), bind(), execute())
    c.run(parse("SELECT transparent.twice($1)"), bind([b"3"]), execute(), bind([b"-3"]), execute(), bind([b"4"]), execute())
    c.run(parse("SELECT 1; SELECT 2"))
    c.run(parse("DISCARD ALL"), bind(), execute())
    c.run(parse("SELECT $1::int + $2::int"), bind([struct.pack(">i", 4), b"5"], given=[1, 0], wanted=[1]), execute())


@script
def extended_errors(c):
    text = parse("SELECT 1/$1::int")
    for pipeline in (
            [parse("SELEC"), bind(), execute()], [parse("SELECT * FROM nowhere"), describe(b"S"), bind(), execute()],
            [text, bind([b"x"]), execute()], [text, bind([]), execute()], [text, bind([b"1", b"2"]), execute()],
            [text, bind([b"0"]), execute(), bind([b"1"]), execute()], [text, bind([b"1"], wanted=[1, 1]), execute()],
            [text, bind([b"1"], given=[1]), execute()], [text, bind([b"1"], given=[0, 0]), execute()],
            [text, bind([b"1"], given=[2]), execute()], [text, bind([], given=[0, 0]), execute()], [bind()],
            [describe(b"X")], [close(b"X"), parse("SELECT 6")], [close(b"S", "none"), close(b"P", "none")],
            [describe(b"S", "none")], [describe(b"P", "none")], [execute(portal="none")], [bind(statement="none")],
            [parse("SELECT 1"), bind(portal="a"), bind(portal="a"), execute(portal="a")],
            [parse("SELECT $1"), describe(b"S")], [parse("SELECT $2::int"), describe(b"S")], [parse("SELECT 1", types=[99999]), describe(b"S")],
            [parse("SELECT $1::int", types=[16]), describe(b"S")],
            [parse("INSERT INTO transparent.parts VALUES (7, 7)"), bind(), execute(), parse("SELECT 1/0"), bind(), execute(), parse("SELECT 3")],
            [parse("COMMIT"), bind(), execute(), execute()]):
        c.run(*pipeline)
        c.run(parse("SELECT count(*) FROM transparent.parts"), bind(), execute())
    c.send(parse("SELECT 1/0") + bind() + execute() + parse("SELECT 1") + bind() + execute() + SYNC
           + parse("SELECT 2") + bind() + execute() + SYNC + query("SELECT 3") + parse("SELEC") + query("SELECT 4") + SYNC)
    c.ready(4)
    c.ask("SELECT 5")


@script
def pipelines(c):
    c.send(b"".join(query(f"SELECT {n}") for n in range(50)))
    c.ready(50)
    c.send(b"".join(parse("SELECT $1::int") + bind([str(n).encode()]) + execute() + (SYNC if n % 7 == 0 else b"") for n in range(50)) + SYNC)
    c.ready(9)
    c.send(b"".join(parse("SELECT 10/$1::int") + bind([str(n % 5).encode()]) + execute() + SYNC for n in range(20)))
    c.ready(20)
    c.send(parse("BEGIN") + bind() + execute() + SYNC + parse("SELECT 1/0") + bind() + execute() + SYNC + parse("SELECT 1") + bind() + execute()
           + SYNC + query("ROLLBACK"))
    c.ready(4)
    c.send(parse("SELECT 1") + FLUSH)
    c.until((b"1",))
    c.send(bind() + describe(b"P") + FLUSH)
    c.until((b"T",))
    c.send(execute() + FLUSH)
    c.until((b"C",))
    c.run()


@script
def byte_by_byte(c):
    for byte in query("SELECT 1") + parse("SELECT $1::text") + bind([b"x"]) + describe(b"P") + execute() + SYNC:
        c.send(bytes([byte]))
    c.ready(2)


@script
def suspended_portals(c):
    c.run(parse("BEGIN"), bind(), execute())
    c.run(parse("SELECT id FROM transparent.things ORDER BY id", "s"), bind(statement="s", portal="p"), describe(b"P", "p"), execute(3, "p"))
    c.run(execute(2, "p"), parse("SELECT 'between'"), bind(), execute(), execute(1, "p"))
    c.run(bind(statement="s", portal="q"), execute(500, "q"), execute(500, "q"), execute(500, "q"), execute(1, "q"))
    c.run(execute(0, "p"), execute(0, "p"), close(b"P", "p"), execute(1, "p"))
    c.run(parse("ROLLBACK"), bind(), execute())
    c.run(bind(statement="s", portal="r"), execute(2, "r"))
    c.run(execute(2, "r"))
    c.run(parse("INSERT INTO transparent.parts SELECT g, 1 FROM generate_series(1, 5) g RETURNING id"), bind(), execute(2), execute(2),
          parse("ROLLBACK"), bind(), execute())
    c.ask("DELETE FROM transparent.parts")
    c.run(parse("SELECT 1 WHERE false"), bind(), execute(1), execute(1))


@script
def copy_out(c):
    for source in ("transparent.things", "(SELECT id, NULL, E'a\\tb\\n\\\\,\"\\'' AS t FROM transparent.small)", "transparent.things (note, id)"):
        for options in ("", "(FORMAT csv)", "(FORMAT csv, HEADER, FORCE_QUOTE *)", "(FORMAT binary)", "(DELIMITER '|', NULL 'n')",
                        "(FORMAT csv, DELIMITER ';', QUOTE '@', ESCAPE '!', NULL 'x')", "(FORMAT text, HEADER)"):
            c.ask(f"COPY {source} TO STDOUT {options}")
    statements(c, "COPY (SELECT 1/(3 - g) FROM generate_series(1, 5) g) TO STDOUT", "COPY nowhere TO STDOUT", "COPY (SELECT 1) TO STDOUT (FORMAT x)",
               "COPY (SELECT 1) TO STDOUT; SELECT 2; COPY (SELECT 3) TO STDOUT", "COPY (SELECT 1 WHERE false) TO STDOUT",
               "COPY (INSERT INTO transparent.parts VALUES (1, 1) RETURNING *) TO STDOUT; DELETE FROM transparent.parts")
    c.run(parse("COPY (SELECT 1, 'x') TO STDOUT"), bind(), describe(b"P"), execute(), parse("SELECT 2"), bind(), execute())
    c.run(parse("COPY (SELECT 1/0) TO STDOUT"), bind(), execute(), parse("SELECT 2"), bind(), execute())


def copy_in_once(c, options, rows, end=COPY_DONE, table="transparent.parts"):
    c.send(query(f"COPY {table} FROM STDIN {options}"))
    if c.until((b"G", b"Z")).tag == b"G":
        c.send(b"".join(map(copy_data, rows)) + end)
        c.ready()
    c.ask(f"SELECT * FROM {table} ORDER BY id DESC LIMIT 3")
    c.ask("DELETE FROM transparent.parts")


@script
def copy_in(c):
    copy_in_once(c, "", [b"1\t1\n2\t\\N\n"])
    copy_in_once(c, "", [b"1", b"\t1", b"\n", b"2\t2\n", b"\\.\n"])
    copy_in_once(c, "(FORMAT csv, HEADER)", [b"id,thing\n", b"1,\"2\"\n", b"3,\n"])
    copy_in_once(c, "(FORMAT binary)", [b"PGCOPY\n\xff\r\n\0" + bytes(8), struct.pack(">hiiii", 2, 4, 9, 4, 8), b"\xff\xff"])
    copy_in_once(c, "(FORMAT binary)", [b"no header"])
    copy_in_once(c, "", [])
    copy_in_once(c, "", [b"x\ty\n", b"1\t1\n"])
    copy_in_once(c, "", [b"1\t1\n1\t1\n"])
    copy_in_once(c, "", [b"1\t2\t3\n"])
    copy_in_once(c, "", [b"1\t1\n"], copy_fail("a reason"))
    copy_in_once(c, "(FORMAT x)", [])
    copy_in_once(c, "", [b"1\t1\n"], SYNC + FLUSH + COPY_DONE)
    c.send(query("COPY transparent.parts FROM STDIN; SELECT 'after'; COPY transparent.parts FROM STDIN"))
    c.until((b"G",))
    c.send(copy_data(b"1\t1\n") + COPY_DONE)
    c.until((b"G",))
    c.send(copy_data(b"2\t1\n") + COPY_DONE)
    c.ready()
    c.ask("DELETE FROM transparent.parts")
    c.send(parse("COPY transparent.parts FROM STDIN") + bind() + execute() + FLUSH)
    c.until((b"G",))
    c.run(copy_data(b"3\t1\n"), COPY_DONE, parse("SELECT count(*) FROM transparent.parts"), bind(), execute())
    c.send(parse("COPY transparent.parts FROM STDIN") + bind() + execute() + FLUSH)
    c.until((b"G",))
    c.run(copy_data(b"3\t1\n"), copy_fail("no"), parse("SELECT 1"), bind(), execute())
    c.ask("DELETE FROM transparent.parts")
    c.send(COPY_DONE + copy_data(b"late") + copy_fail("late") + query("SELECT 1"))
    c.ready()


@script
def listen_and_notify(c):
    statements(c, "LISTEN a", "NOTIFY a", "NOTIFY a, 'payload'", "SELECT pg_notify('a', 'zwölf')", "SELECT pg_listening_channels()")
    statements(c, "BEGIN", "NOTIFY a, 'in a transaction'", "SELECT 1", "COMMIT", "BEGIN", "NOTIFY a", "ROLLBACK")
    other = c.other()
    other.ask("NOTIFY a, 'from another'")
    other.end()
    c.until((b"A",))
    c.run(parse("NOTIFY a, 'extended'"), bind(), execute())
    statements(c, "UNLISTEN a", "NOTIFY a", "UNLISTEN *", "NOTIFY \"\"")


def wait_until_asleep(c):
    """What is asked is under way once another connection sees it sleep."""
    other = c.other()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        other.frames.clear()
        other.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
        if next(frame for frame in other.frames if frame.tag == b"D").columns() != [b"0"]:
            break
    other.end()


@script
def cancel(c):
    for sent in (query("SELECT 1; SELECT pg_sleep(30); SELECT 2"), parse("SELECT pg_sleep(30)") + bind() + execute() + SYNC):
        c.send(sent)
        wait_until_asleep(c)
        c.cancel()
        c.ready()
        c.ask("SELECT 'goes on'")


@script
def terminated_by_the_server(c):
    c.ask("SELECT pg_terminate_backend(pg_backend_pid())")


@script
def many_columns(c):
    columns = ", ".join(f"{n} AS column_{n}" for n in range(1600))
    c.ask(f"SELECT {columns}")
    c.run(parse(f"SELECT {columns}"), describe(b"S"), bind(wanted=[1]), execute(), bind(wanted=[0, 1] * 800), execute())
    c.ask("SELECT " + ", ".join(["NULL"] * 1600))
    c.ask("SELECT " + ", ".join(["1"] * 1665))
    c.ask(f"COPY (SELECT {columns}) TO STDOUT")


@script
def many_parameters(c):
    numbers = ", ".join(f"(${n}::int)" for n in range(1, 5001))
    c.run(parse(f"SELECT count(*), sum(v) FROM (VALUES {numbers}) AS t (v)"), bind([str(n).encode() for n in range(5000)]), execute())


@script
def long_statements(c):
    c.ask("SELECT length('" + "x" * 900_000 + "')")
    c.ask("SELECT " + " + ".join(["1"] * 250))
    c.ask("SELECT id FROM transparent.things WHERE id IN (" + ", ".join(map(str, range(5000))) + ") ORDER BY id")
    c.run(parse("SELECT " + " + ".join(["1"] * 250)), bind(), execute())


@script
def huge_values(c):
    size = 100 << 20
    c.ask(f"SELECT repeat('x', {size}) AS v, 1")
    c.run(parse("SELECT $1::bytea AS v, length($1)", types=[17]), bind([bytes(32 << 20)], given=[1], wanted=[1]), execute())
    c.ask(f"COPY (SELECT repeat('y', {size})) TO STDOUT")
    c.ask("CREATE TEMPORARY TABLE long (v text)")
    c.send(query("COPY long FROM STDIN"))
    c.until((b"G",))
    for _ in range(32):
        c.send(copy_data(b"z" * (1 << 20)))
    c.send(COPY_DONE)
    c.ready()
    c.ask("SELECT length(v) FROM long")


@script
def many_rows(c):
    c.ask("SELECT g, repeat('x', g % 100), NULL, g::float8 / 7 FROM generate_series(1, 50000) g")
    c.run(parse("SELECT g, g::text FROM generate_series(1, 50000) g"), bind(wanted=[1]), execute())


@script
def catalog(c):
    statements(
        c, "SELECT c.relname, c.relkind, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relnamespace = 'transparent'::regnamespace ORDER BY 1, a.attnum",
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'transparent' ORDER BY 1, 2",
        "SELECT pg_get_viewdef('transparent.small'::regclass)", "SELECT current_user, session_user, current_database(), current_schemas(true)",
        "SELECT version()", "SELECT obj_description('transparent.things'::regclass)", "SELECT 'transparent.things'::regclass")


@script
def nothing_but_goodbye(c):
    c.end()


STARTS = [
    [], [("application_name", "a program")], [("TimeZone", "Asia/Kathmandu"), ("DateStyle", "SQL, DMY")], [("search_path", "transparent")],
    [("options", "-c geqo=off -c statement_timeout=5min")], [("extra_float_digits", "2"), ("client_encoding", "UTF8")],
    [("IntervalStyle", "iso_8601"), ("application_name", "")], [("no_such_setting", "1")], [("TimeZone", "Nowhere/Here")],
    [("replication", "false")], [("default_transaction_isolation", "serializable")], [("_pq_.unknown", "1")],
]

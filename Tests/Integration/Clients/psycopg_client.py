"""psycopg 3 as an agent would use it; prints what it got, so that two runs can be compared."""
import psycopg
from psycopg.rows import tuple_row

SAFE = ("id, flag, small, big, single, twice, exact, words, fixed, short, bytes, clock, span, uid, doc, docb, net, ints, "
        "texts, mood::text, bits, cash::text")

for binary in (False, True):
    with psycopg.connect("", autocommit=True, row_factory=tuple_row) as connection:
        for _ in range(7):  # past prepare_threshold: a named statement
            rows = connection.execute(f"SELECT {SAFE} FROM t.kinds WHERE id < %s ORDER BY id", (9,), binary=binary).fetchall()
        print("rows", binary, rows)
        print("types", [(c.name, c.type_code) for c in connection.execute("SELECT * FROM t.kinds LIMIT 0").description])
        with connection.cursor(binary=binary) as cursor:
            cursor.executemany("INSERT INTO t.work VALUES (%s, %s) ON CONFLICT DO NOTHING", [(n, f"n{n}") for n in range(50)])
            print("count", cursor.execute("SELECT count(*), sum(id) FROM t.work").fetchone())
        with connection.pipeline():
            answers = [connection.execute("SELECT %s::int * 2", (n,), binary=binary) for n in range(20)]
        print("pipeline", [a.fetchone() for a in answers])
        try:
            connection.execute("SELECT * FROM t.missing")
        except psycopg.Error as error:
            print("error", error.sqlstate, error)
        try:
            with connection.pipeline():
                connection.execute("SELECT 1/0")
                connection.execute("SELECT 1")
        except psycopg.Error as error:
            print("error", error.sqlstate, error)
        print("after", connection.execute("SELECT 'still here'").fetchone())
        with connection.transaction():
            with psycopg.ServerCursor(connection, "big") as cursor:
                cursor.itersize = 100
                cursor.execute("SELECT n FROM generate_series(1, 1000) AS n")
                print("cursor", sum(row[0] for row in cursor))
        with connection.cursor() as cursor:
            with cursor.copy("COPY t.work (id, note) FROM STDIN") as copy:
                for n in range(1000, 1100):
                    copy.write_row((n, f"copied\t{n}"))
            with cursor.copy("COPY (SELECT id, note FROM t.work ORDER BY id) TO STDOUT") as copy:
                print("copy", sum(len(bytes(block)) for block in copy))
            with cursor.copy("COPY (SELECT id FROM t.work ORDER BY id) TO STDOUT (FORMAT binary)") as copy:
                print("copy binary", sum(len(bytes(block)) for block in copy))
        notices = []
        connection.add_notice_handler(lambda notice: notices.append(notice.message_primary))
        connection.execute("DO $$ BEGIN RAISE NOTICE 'hello'; END $$")
        print("notices", notices)
        connection.execute("LISTEN stories")
        connection.execute("SELECT pg_notify('stories', 'once')")
        print("notify", [n.payload for n in connection.notifies(timeout=5, stop_after=1)])
        connection.execute("DELETE FROM t.work")

# Cancel reaches only its own session.
with psycopg.connect("", autocommit=True) as connection:
    import threading
    timer = threading.Timer(0.3, connection.cancel_safe)
    timer.start()
    try:
        connection.execute("SELECT pg_sleep(30)")
    except psycopg.errors.QueryCanceled as error:
        print("cancelled", error.sqlstate)
    timer.join()
    print("alive", connection.execute("SELECT 1").fetchone())

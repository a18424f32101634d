"""asyncpg: binary, prepared, cached statements, its own introspection; prints what it got."""
import asyncio
import asyncpg

SAFE = "id, flag, small, big, twice, exact, words, short, bytes, clock, span, uid, doc, docb, ints, texts, mood, period, bits"


async def main():
    connection = await asyncpg.connect()
    for _ in range(3):
        rows = await connection.fetch(f"SELECT {SAFE} FROM t.kinds WHERE id = ANY($1::int[]) ORDER BY id", [1, 2, 3])
    print([tuple(row) for row in rows])
    statement = await connection.prepare("SELECT words FROM t.kinds WHERE id = $1")
    print([await statement.fetchval(n) for n in (1, 2, 3)])
    print(statement.get_attributes())
    async with connection.transaction():
        print([row[0] async for row in connection.cursor("SELECT n FROM generate_series(1, 500) n", prefetch=50)][-1])
    await connection.executemany("INSERT INTO t.work VALUES ($1, $2)", [(n, str(n)) for n in range(200)])
    print(await connection.fetchval("SELECT count(*) FROM t.work"))
    await connection.copy_records_to_table("work", schema_name="t", records=[(n, "r") for n in range(1000, 1200)])
    print(await connection.fetchval("SELECT count(*) FROM t.work"))
    try:
        await connection.fetch("SELECT $1::int / 0", 1)
    except asyncpg.PostgresError as error:
        print(error.sqlstate, error)
    try:
        async with connection.transaction():
            await connection.execute("INSERT INTO t.work VALUES (0, 'again')")
    except asyncpg.UniqueViolationError as error:
        print(error.sqlstate)
    try:
        await asyncio.wait_for(connection.execute("SELECT pg_sleep(30)"), 0.3)
    except asyncio.TimeoutError:
        print("cancelled")
    print(await connection.fetchval("SELECT t.twice($1)", 21))
    await connection.execute("DELETE FROM t.work")
    await connection.close()


asyncio.run(main())

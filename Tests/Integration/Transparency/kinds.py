"""Every type that the server has, with values: text and binary, in parameters and results, in queries and COPY."""
from wire import COPY_DONE, bind, close, copy_data, describe, execute, parse, query, SYNC

# By name; what has none here is tried with these of its category, and with what is no value of it at all.
SAMPLES = {
    "bool": ["t", "false"], "bytea": ["\\x", "\\x00ff5c27"], "char": ["a", ""], "name": ["pg_class", ""],
    "int2": ["0", "-32768", "32767"], "int4": ["0", "-2147483648", "2147483647"],
    "int8": ["0", "-9223372036854775808", "9223372036854775807"],
    "float4": ["0", "-0", "1.5", "NaN", "-Infinity", "3.4028235e38", "1e-45"],
    "float8": ["0", "-0", "1.5", "NaN", "Infinity", "1.7976931348623157e308", "5e-324"],
    "numeric": ["0", "-0.00001", "12345678901234567890.123456789", "NaN", "-Infinity", "1e1000"],
    "money": ["0", "-12.34", "92233720368547758.07"],
    "text": ["", "zwölf Boxkämpfer \U0001f4a5", "a\\b\"c'd\n\t,;{}()", "x" * 5000], "varchar": ["", "x"],
    "bpchar": ["", "x  "], "xml": ["<a>b</a>", "<!-- -->", ""],
    "json": ['{"a":[1,2,{"b":null}]}', "1", '"\\u0041"'], "jsonb": ['{"a":[1,2,{"b":null}]}', "1", '"\\u0041"'],
    "jsonpath": ["$.a[*] ? (@ > 1)"], "oid": ["0", "4294967295"], "tid": ["(0,1)", "(4294967295,65535)"],
    "xid": ["0", "4294967295"], "xid8": ["18446744073709551615"], "cid": ["7"],
    "oidvector": ["", "1 2 3"], "int2vector": ["", "1 2 3"],
    "date": ["2026-02-28", "0044-03-15 BC", "infinity", "-infinity"], "time": ["00:00", "23:59:59.999999", "24:00"],
    "timetz": ["12:34:56+02", "00:00-12:30"], "timestamp": ["2026-02-28 12:34:56.789", "infinity", "4713-01-01 BC"],
    "timestamptz": ["2026-02-28 12:34:56.789+02", "-infinity"],
    "interval": ["0", "1 year -2 mons +3 days -04:05:06.789", "-178000000 years"],
    "uuid": ["6ba7b810-9dad-11d1-80b4-00c04fd430c8"], "inet": ["10.0.0.1/8", "::1", "fe80::1/64"],
    "cidr": ["10.0.0.0/8", "2001:db8::/32"], "macaddr": ["08:00:2b:01:02:03"],
    "macaddr8": ["08:00:2b:01:02:03:04:05"], "bit": ["1", "0"], "varbit": ["", "10101"],
    "point": ["(1,2)", "(NaN,Infinity)"], "line": ["{1,2,3}"], "lseg": ["[(0,0),(1,1)]"], "box": ["(1,1),(0,0)"],
    "path": ["((0,0),(1,1))", "[(0,0),(1,1)]"], "polygon": ["((0,0),(1,1),(1,0))"], "circle": ["<(0,0),1>"],
    "tsvector": ["", "'a':1A 'b c':2,3"], "tsquery": ["", "'a' & !'b':*A | 'c' <-> 'd'"],
    "int4range": ["empty", "[1,5)", "(,)"], "int8range": ["empty", "[1,)"], "numrange": ["(1.5,2.5]"],
    "daterange": ["[2026-01-01,2026-02-01)"], "tsrange": ["[2026-01-01 00:00,)"],
    "tstzrange": ["[2026-01-01 00:00+00,2026-02-01 00:00+00]"],
    "int4multirange": ["{}", "{[1,3),[5,7)}"], "int8multirange": ["{[1,3)}"], "nummultirange": ["{(1.5,2.5]}"],
    "datemultirange": ["{[2026-01-01,2026-02-01)}"], "tsmultirange": ["{[2026-01-01 00:00,)}"],
    "tstzmultirange": ["{[2026-01-01 00:00+00,)}"],
    "regclass": ["pg_class", "-"], "regproc": ["now", "-"], "regprocedure": ["abs(integer)"], "regoper": ["pg_catalog.||/"],
    "regoperator": ["+(integer,integer)"], "regtype": ["integer"], "regrole": ["postgres"], "regnamespace": ["pg_catalog"],
    "regconfig": ["simple"], "regdictionary": ["simple"], "regcollation": ['"C"'], "pg_lsn": ["16/B374D848"],
    "txid_snapshot": ["10:20:10,14,15"], "pg_snapshot": ["10:20:10,14,15"], "refcursor": ["", "c"],
    "aclitem": ["postgres=r/postgres"], "mood": ["sad", "very happy"], "email_text": ["a@b.example"],
    "pair": ['(1,"a b")', "(,)"], "floats": ["[1.5,2.5)"], "hstore": ['"a"=>"1", "b"=>NULL'], "citext": ["AbC"],
}
ANYTHING = ["", "1", "x"]

KINDS = """
    SELECT t.oid, n.nspname, t.typname, t.typtype, t.typcategory, e.typname, e.oid
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
    WHERE t.typtype IN ('b', 'r', 'm', 'd', 'e', 'c') AND n.nspname IN ('pg_catalog', 'information_schema', 'transparent')
        AND (t.typtype <> 'c' OR n.nspname = 'transparent' OR t.typname IN ('pg_class', 'pg_am'))
        AND (t.typcategory <> 'A' OR e.typtype <> 'c' OR n.nspname = 'transparent')
    ORDER BY n.nspname, t.typname
    """


def kinds(connection):
    connection.ask(KINDS)
    return [[None if c is None else c.decode() for c in frame.columns()] for frame in connection.frames if frame.tag == b"D"]


def element(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def samples(name, element_name):
    if element_name is None:
        return SAMPLES.get(name, ANYTHING)
    inner = SAMPLES.get(element_name, ANYTHING)
    # A box is delimited otherwise.
    comma = ";" if element_name == "box" else ","
    return ["{}", "{NULL}", "{" + comma.join(element(text) for text in inner[:3]) + "}",
            "{{" + element(inner[0]) + "},{NULL}}"]


def trial(connection, kind):
    """One type, in every way, as one long pipeline."""
    oid, schema, name, _, _, element_name, _ = kind
    oid, spelled = int(oid), f'"{schema}"."{name}"'
    texts = samples(name, element_name)
    statement = f"SELECT $1::{spelled} AS v, $1 IS NULL, ARRAY[$1]" if element_name is None else f"SELECT $1::{spelled}"
    sent, synced = [parse(statement, "s", [oid]), describe(b"S", "s")], 1
    for text in [None, *texts]:
        content = None if text is None else text.encode()
        for wanted in ([0], [1]):
            sent += [bind([content], statement="s", given=[0], wanted=wanted), describe(b"P"), execute(), SYNC]
            synced += 1
    connection.send(b"".join(sent) + SYNC)
    before = len(connection.frames)
    connection.ready(synced)
    # What came in binary goes back in binary.
    encoded = [frame.columns()[0] for frame in connection.frames[before:] if frame.tag == b"D"][1::2]
    sent, synced = [], 0
    for content in encoded:
        sent += [bind([content], statement="s", given=[1], wanted=[0]), execute(), SYNC]
        synced += 1
        if content:
            sent += [bind([content[:-1]], statement="s", given=[1], wanted=[0]), execute(), SYNC]
            synced += 1
    sent += [close(b"S", "s"), SYNC]
    connection.send(b"".join(sent))
    connection.ready(synced + 1)
    literals = [text.replace("'", "''") for text in texts]
    values = " UNION ALL ".join(f"SELECT '{text}'::{spelled} AS v" for text in literals) + f" UNION ALL SELECT NULL::{spelled}"
    for text in [values, *(f"COPY ({values}) TO STDOUT {options}" for options in ("", "(FORMAT csv)", "(FORMAT binary)"))]:
        connection.ask(text)


def round_trip(connection, kind):
    """What COPY writes, COPY reads, in each format."""
    _, schema, name, _, _, element_name, _ = kind
    spelled = f'"{schema}"."{name}"'
    text = samples(name, element_name)[-1].replace("'", "''")
    for options in ("", "(FORMAT csv)", "(FORMAT binary)"):
        before = len(connection.frames)
        connection.ask(f"COPY (SELECT '{text}'::{spelled}) TO STDOUT {options}")
        rows = [frame.body for frame in connection.frames[before:] if frame.tag == b"d"]
        if not rows:
            continue
        connection.send(query(f"CREATE TEMPORARY TABLE IF NOT EXISTS copied (v {spelled})"))
        connection.ready()
        connection.send(query(f"COPY copied FROM STDIN {options}"))
        if connection.until((b"G", b"Z")).tag == b"G":
            connection.send(b"".join(map(copy_data, rows)) + COPY_DONE)
            connection.ready()
        connection.ask("SELECT v FROM copied; DROP TABLE copied")

"""Reads a row of structured values in both formats; what the driver cannot read, or is not as it should be, is an error."""
import json
import re
import xml.dom.minidom

import psycopg
from psycopg.types import TypeInfo
from psycopg.types.hstore import register_hstore
from psycopg.types.json import set_json_loads

set_json_loads(lambda text: text.decode() if isinstance(text, bytes) else text)
with psycopg.connect("", autocommit=True) as connection:
    register_hstore(TypeInfo.fetch(connection, "hstore"), connection)
    for binary in (False, True):
        for statement in ("SELECT j, b, h, t, n, m, x, w, a, p FROM s WHERE id = 1", "SELECT j, b, h, t, n, m, x, w, a, p FROM s WHERE id = %s"):
            with connection.cursor(binary=binary) as cursor:
                cursor.execute(statement, [1] if "%s" in statement else None)
                j, b, h, t, n, m, x, w, a, p = cursor.fetchone()
            got = repr((j, b, h, t, n, m, x, w, a, p))
            assert j == '{"a" : "[redacted] \\u00e9", "n":  "************1111", "Card_Number": "[redacted]", "k": [1,  2]}', got
            assert json.loads(b) == {"p": '{"s": "[redacted]", "x": [1]}', "card_number": "****5678", "z": [True, None]}, got
            assert h == {"a": "[redacted]", "b": None, "card_number": "*2345", "doc": '{"card_number": "[redacted]"}'}, got
            assert t == ['a "b"', "[redacted]", '{"card_number": "[redacted]"}', None, "{x}"], got
            # Numbers of bounded size are not looked at: they are keys and amounts.
            assert n == [4111111111111111, 7], got
            assert m == [["a", "[redacted]"], ["c", "d"]], got
            x = x if isinstance(x, str) else x.decode()
            root = xml.dom.minidom.parseString(re.sub(r"^<\?xml[^>]*\?>", "", x)).documentElement
            assert root.getAttribute("a") == "[redacted]" and root.firstChild.data == "**** **** **** 1111", got
            assert x.endswith("<b>fine &amp; dandy</b></r>"), got
            assert w == '{"card_number":"****6789","x":"y\\u0021"}', got
            assert [json.loads(v) for v in a] == [{"card_number": None}, "[redacted]"], got
            assert p == "{plain} [redacted]", got
    with connection.cursor() as cursor:
        with cursor.copy("COPY s (j, h, w) TO STDOUT") as copy:
            row = b"".join(copy).decode()
    assert "219" not in row and "4111111111111111" not in row and "00012345" not in row and "23456789" not in row, row
print("read")

"""Types into a psql on a terminal and presses Tab: completion asks the catalog behind the user's back."""
import os
import pty
import select
import sys
import time

pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "dumb"
    os.execvp("psql", ["psql", "-X", "-q", "-P", "pager=off"])


def read_until(text, seconds=20):
    seen, deadline = b"", time.monotonic() + seconds
    while text.encode() not in seen:
        ready, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            sys.exit(f"never saw {text!r} in {seen!r}")
        seen += os.read(terminal, 65536)


read_until("postgres=")
os.write(terminal, b"SELECT words FROM t.kin\t")
read_until("t.kinds")
os.write(terminal, b"WHERE id = 1;\n")
read_until("(1 row)")
os.write(terminal, b"\\d t.rea\t")
read_until("t.readable")
os.write(terminal, b"\n")
read_until("words")
os.write(terminal, b"\\q\n")
print("completed")

"""Sends the techniques of paging.json through a sidecar, each by each client and as somebody else, and says how much came back.

usage: paging.py TABLE. PGPORT: the sidecar's port; TOKENS: a file with a token a line, one for each run. One line of JSON a
run: the technique's name, the client, the rows that came back, and the different values that can be told apart.
"""
import json
import os
import re
import sys
import threading
import traceback

from clients import CLIENTS
from relay import Relay

# Each speaks the protocol in another way.
USED = ["text", "binary", "psycopg", "psycopg-binary", "asyncpg"]


def statements(technique):
    first = technique.get("first", 0)
    return technique.get("before", []) + [
        technique["each"].format(n=n, last=first + n * technique["step"]) for n in range(technique["times"])]


def run(technique, client, port, token):
    failures = []

    def one(session):
        try:
            CLIENTS[client](port, token, f"paging-{session}", {"statements": statements(technique), "times": 1})
        except Exception:
            failures.append(traceback.format_exc(limit=3))

    threads = [threading.Thread(target=one, args=(session,)) for session in range(technique.get("sessions", 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        table = json.load(file)
    with open(os.environ["TOKENS"], encoding="utf-8") as file:
        tokens = iter(file.read().split())
    relay = Relay(int(os.environ["PGPORT"]))
    for technique in table["techniques"]:
        for client in USED:
            # The hand that speaks the protocol does not read COPY's data; what is on the wire is what counts.
            failures = run(technique, client, relay.port, next(tokens))
            seen = b"".join(relay.take())
            print(json.dumps({
                "name": technique["name"], "client": client, "rows": seen.count(b"row-"),
                "values": len(set(re.findall(rb"\*{12}(\d{4})", seen))), "whole": len(re.findall(rb"4539\d{12}", seen)),
                "failures": failures,
            }), flush=True)


if __name__ == "__main__":
    main()

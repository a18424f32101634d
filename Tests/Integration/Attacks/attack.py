"""Sends the techniques of a table through a sidecar by one client, and says what came of each.

usage: attack.py TABLE POLICY CLIENT. PGPORT and PGPASSWORD: the sidecar's port and the token; DIRECT_PORT and
DIRECT_PASSWORD: the server's own. One line of JSON a technique: its number, the errors that the client got, what of the
values of the table its socket got in whatever form, what changed on the server, and a failure of the client's own.
"""
import json
import os
import sys
import traceback

from clients import CLIENTS
from effects import Effects
from forms import leaks
from relay import Relay, errors


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        table = json.load(file)
    policy, client = sys.argv[2:4]
    relay = Relay(int(os.environ["PGPORT"]))
    effects = Effects(int(os.environ["DIRECT_PORT"]), os.environ["DIRECT_PASSWORD"])
    only = os.environ.get("ONLY")
    for number, technique in enumerate(table["techniques"]):
        if technique.get("policy", "everything") != policy:
            continue
        # Messages by hand are sent once.
        default = list(CLIENTS) if "statements" in technique else ["text"]
        if "parameters" in technique and "clients" not in technique:
            default = ["text", "binary", "blind", "asyncpg"]
        if client not in technique.get("clients", default):
            continue
        if only and only not in technique["name"]:
            continue
        failure = None
        try:
            CLIENTS[client](relay.port, os.environ["PGPASSWORD"], f"attack-{number}-{client}", technique)
        except Exception:
            failure = traceback.format_exc(limit=3)
        streams = relay.take()
        result = {
            "number": number, "errors": [error for stream in streams for error in errors(stream)],
            "leaks": leaks(b"".join(streams), table["values"], table["parts"]), "changes": effects.changes(),
            "failure": failure,
        }
        if result["leaks"] or failure or only:
            result["bytes"] = b"".join(streams).decode("latin-1")
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()

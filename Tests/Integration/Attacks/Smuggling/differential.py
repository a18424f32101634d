"""Sends requests that might be read in two ways through a sidecar, and holds what the service behind it saw to what the records say.

usage: differential.py SIDECAR-PORT COLLECTOR-PORT LOG. TOKEN: the client's; AUDIT: an auditor's. LOG has what the service saw, as JSON, one
request a line. Prints, as JSON, how many cases there were, how many requests reached the service, and every difference.
"""
import hashlib
import json
import os
import re
import socket
import sys
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import corpus

TOKEN = os.environ["TOKEN"]
# Seconds without an answer after which a case is over.
WAITING = 1.5


def send(port, number, case):
    text = case.replace("/N/", f"/c{number}/").replace("AUTH", f"Authorization: Bearer {TOKEN}")
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    got = b""
    try:
        client.sendall(text.encode())
        # Who waits for more than comes waits in vain.
        client.settimeout(WAITING)
        while piece := client.recv(65536):
            got += piece
    except OSError:
        pass
    client.close()
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", got)]


def records(port):
    items, cursor = [], None
    while True:
        query = "?limit=500&order=oldest" + (f"&cursor={urllib.parse.quote(cursor)}" if cursor else "")
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/records{query}", headers={"Authorization": f"Bearer {os.environ['AUDIT']}"})
        page = json.load(urllib.request.urlopen(request, timeout=20))
        items += page["items"]
        cursor = page.get("next")
        if not cursor:
            return items


def recorded(items):
    """What was sent, by session: method, target, the body's digest, and whether it ended; what was refused is not there."""
    sessions, closed = {}, 0
    for item in items:
        requests = sessions.setdefault(item["sessionId"], {})
        if statement := item.get("statement"):
            if statement["verdict"] == "allow":
                method, target = statement["text"].split(" ", 1)
                body = "".join(statement["parameters"]).encode()
                requests[statement["number"]] = {
                    "method": method, "target": target, "length": len(body), "digest": hashlib.sha256(body).hexdigest(), "cut": True}
        # What did not end may have arrived, or not.
        if ended := item.get("completed"):
            number = ended["statement"] or (item.get("statement") or {}).get("number")
            if (ended.get("refused") or "").startswith("a request that cannot be written"):
                requests.pop(number, None)
            elif number in requests and not ended["incomplete"]:
                requests[number]["cut"] = False
        closed += item["kind"] == "session-closed" or "sessionClosed" in item
    return [[requests[number] for number in sorted(requests)] for requests in sessions.values()], closed


def seen(path):
    entries = []
    for line in open(path, "rb").read().split(b"\n"):
        if not line:
            continue
        entry = json.loads(line)
        # A connection on which nothing was asked.
        if entry.get("sent") == "0":
            continue
        if "body" in entry:
            body = entry["body"].encode("latin-1", "replace")
            entry |= {"length": len(body), "digest": hashlib.sha256(body).hexdigest()}
        entries.append(entry)
    return entries


def case_of(target):
    found = re.search(r"/c(\d+)(/|$)", urllib.parse.unquote(target))
    return int(found[1]) if found else None


def differences(sessions, entries):
    faults = [f"the service could not read what it got: {entry}" for entry in entries if entry.get("bad") or entry.get("status") == "400"]
    by_case = {}
    for entry in entries:
        if "target" in entry:
            by_case.setdefault(case_of(entry["target"]), []).append(entry)
    sent = {}
    for requests in sessions:
        for request in requests:
            sent.setdefault(case_of(request["target"]), []).append(request)
    for case in sorted(by_case.keys() | sent.keys(), key=str):
        got, said = by_case.get(case, []), sent.get(case, [])
        key = lambda one: (one["method"], urllib.parse.unquote(one["target"]), one["length"], one["digest"])
        left = [key(one) for one in got]
        for one in said:
            if left and left[0] == key(one):
                left.pop(0)
            elif not one["cut"]:
                faults.append(f"case {case}: {key(one)} is recorded, and the service saw {left[:1]}")
        if left:
            faults.append(f"case {case}: the service saw {left}, which is not recorded")
    return faults


def main():
    sidecar, collector, log = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    cases = corpus.cases()
    with ThreadPoolExecutor(24) as pool:
        statuses = list(pool.map(lambda one: send(sidecar, *one), enumerate(cases)))
    deadline = time.monotonic() + 20
    while True:
        sessions, closed = recorded(records(collector))
        entries = seen(log)
        faults = differences(sessions, entries)
        if (closed >= 0.98 * len(cases) and not faults) or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    print(json.dumps({
        "cases": len(cases), "closed": closed, "seen": len(entries), "answered": sum(200 in one for one in statuses),
        "refused": sum(any(400 <= status < 500 for status in one) for one in statuses), "faults": faults}))


main()

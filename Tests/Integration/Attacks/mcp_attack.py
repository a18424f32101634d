"""Sends the techniques of a table through a sidecar, with an MCP server behind it that answers as the table says.

usage: mcp_attack.py TABLE SIDECAR_PORT SERVICE_PORT COLLECTOR_PORT. TOKEN: the client's token. OTHER: another person's. APPROVER: an
approver's. ONLY: names that have this in them. One line of JSON a technique, as of http_attack.py.

A technique is steps, each a message to send and what the server answers to it. `{{n}}` is the technique's number, `{{state}}` the state
that the client was given last. A step that approves lets an approver approve what was asked last.
"""
import json
import os
import re
import sys
import time
import urllib.request

from forms import leaks
from http_attack import Service, openings, split, talk

MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}},
}


def answer(step, number):
    """The pieces of what the server says to a step."""
    spec = step.get("answer")
    if spec is None:
        spec = {"result": {"content": [{"type": "text", "text": "283-68-4467 and june.chavez1@example.com"}]}}
    if "raw" in spec:
        return [fill(spec["raw"], number, "").encode("utf-8")], spec.get("closes", False)
    if "events" in spec:
        body = "".join(f"event: message\ndata: {event if isinstance(event, str) else json.dumps(event)}\n\n" for event in spec["events"])
        kind = "text/event-stream"
    else:
        message = spec["text"] if "text" in spec else json.dumps({"jsonrpc": "2.0", "id": spec.get("id", 1), "result": spec.get("result", {})})
        body, kind = message, spec.get("type", "application/json")
    body = fill(body, number, "").encode("utf-8")
    lines = [f"HTTP/1.1 {spec.get('status', '200 OK')}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"] + spec.get("head", [])
    return split(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body, spec.get("drip")), False


def fill(text, number, state):
    return text.replace("{{n}}", str(number)).replace("{{state}}", state)


def request(step, number, state):
    fields = {"Host": "h", "Authorization": "Bearer " + os.environ[step.get("as", "TOKEN")], "Accept": "application/json, text/event-stream"}
    message = step.get("send", {"method": "tools/call", "params": {"name": "attack_{{n}}", "arguments": {}}})
    if isinstance(message, dict):
        message = {"jsonrpc": "2.0", **({} if step.get("bare") else {"id": 1}), **message}
        if step.get("modern"):
            message["params"] = {**message.get("params", {}), "_meta": MODERN}
            fields["Mcp-Method"] = message["method"]
            name = message["params"].get("name", message["params"].get("uri"))
            if name is not None:
                fields["Mcp-Name"] = fill(name, number, state)
        message = json.dumps(message)
    fields["MCP-Protocol-Version"] = "2026-07-28" if step.get("modern") else "2025-11-25"
    fields["Content-Type"] = "application/json"
    fields.update(step.get("head", {}))
    verb = step.get("verb", "POST")
    body = fill(message, number, state).encode("utf-8") if verb == "POST" else b""
    if verb == "POST":
        fields["Content-Length"] = str(len(body))
    lines = [f"{verb} {step.get('path', '/mcp')} HTTP/1.1"] + [f"{name}: {fill(value, number, state)}" for name, value in fields.items() if value]
    return split(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body, step.get("drip"))


def approve(got, port):
    found = re.findall(rb'"approval":"([^"]+)"', got) or re.findall(rb"asked for \(([^)]+)\)", got)
    call = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/approvals/{found[-1].decode()}/approve", data=b"{}", method="POST",
        headers={"Authorization": "Bearer " + os.environ["APPROVER"], "Content-Type": "application/json"})
    deadline = time.monotonic() + 20
    while True:
        try:
            return urllib.request.urlopen(call, timeout=10).read()
        except urllib.error.HTTPError as error:
            # The question is on its way to the collector.
            if error.code != 404 or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        table = json.load(file)
    service = Service(int(sys.argv[3]))
    only = os.environ.get("ONLY")
    for number, technique in enumerate(table["techniques"]):
        if only and only not in technique["name"]:
            continue
        everything, sent_all, state, reached, statuses, records = b"", b"", "", False, [], []
        sent = set()
        for step in technique["steps"]:
            if step.get("approve"):
                approve(everything, int(sys.argv[4]))
                continue
            service.response = answer(step, number)
            service.received = b""
            pieces = request(step, number, state)
            got = talk(int(sys.argv[2]), pieces, step.get("seconds", 2))
            # What was approved is known to the sidecar a moment later than to whoever approved.
            deadline = time.monotonic() + 20
            while step.get("untilReached") and not service.received and time.monotonic() < deadline:
                again = re.findall(rb'"requestState":"([^"]+)"', got)
                state = again[-1].decode() if again else state
                got = talk(int(sys.argv[2]), request(step, number, state), 2)
            found = re.findall(rb'"requestState":"([^"]+)"', got)
            state = found[-1].decode() if found and not step.get("keepsState") else state
            everything += got
            sent_all += service.received
            reached = bool(service.received)
            statuses = [int(status) for status in re.findall(rb"HTTP/1\.1 (\d\d\d)", got)]
            records += [text.decode() for text in re.findall(rb'"(?:stile/)?record":"([0-9a-f-]{36})"', got)]
        if not technique.get("passesOut"):
            for view in openings(sent_all):
                sent.update(leaks(view, table["values"], table["parts"]))
        received = set()
        for view in openings(everything):
            received.update(leaks(view, table["values"], table["parts"]))
        text = everything.decode("utf-8", "replace")
        wrong = [f"absent: {word}" for word in technique.get("absent", []) if fill(word, number, state) in text]
        wrong += [f"present: {word}" for word in technique.get("present", []) if fill(word, number, state) not in text]
        result = {
            "number": number, "statuses": statuses, "leaks": sorted(received),
            "sent": sorted(sent) + [word for word in technique.get("forbidden", []) if word.encode("utf-8") in sent_all],
            "reached": reached, "wrong": wrong, "records": records,
        }
        if only or result["leaks"] or result["sent"] or wrong:
            result["bytes"] = text
            result["upstream"] = sent_all.decode("utf-8", "replace")
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()

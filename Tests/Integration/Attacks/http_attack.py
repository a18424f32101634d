"""Sends the techniques of a table through a sidecar, with a service behind it that answers as the table says.

usage: http_attack.py TABLE SIDECAR_PORT SERVICE_PORT. TOKEN: the client's token. ONLY: names that have this in them. One line of JSON a
technique: its number, the status that the client got, what of the values of the table it got in whatever form, what the service got of
them or of what it must never get, the ids of records that the client was told, and whether a record of the request is due.
"""
import base64
import gzip
import json
import os
import re
import socket
import sys
import threading
import time
import zlib

from forms import leaks

TOKEN = os.environ["TOKEN"]


class Service:
    """Answers whoever connects with the technique's response, once a request's head and body have come."""

    def __init__(self, port):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(64)
        self.response = []
        self.received = b""
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        data = b""
        with connection:
            try:
                while True:
                    while not is_whole(data):
                        more = connection.recv(65536)
                        if not more:
                            return
                        self.received += more
                        data += more
                    data = b""
                    pieces, closes = self.response
                    for piece in pieces:
                        connection.sendall(piece)
                        if len(pieces) > 1:
                            time.sleep(0.001)
                    if closes:
                        return
            except OSError:
                return


def is_whole(data):
    head, found, body = data.partition(b"\r\n\r\n")
    if not found:
        return False
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    if length:
        return len(body) >= int(length[1])
    if re.search(rb"(?i)\r\ntransfer-encoding: *chunked", head):
        return body.endswith(b"0\r\n\r\n") or bool(re.search(rb"\r\n0\r\n.*\r\n\r\n$", body, re.S))
    return True


def response(technique):
    """The pieces of what the service says, and whether it closes after them."""
    spec = technique.get("response", {})
    if "raw" in spec:
        pieces = [text.encode("latin-1") for text in spec["raw"]]
        return split(b"".join(pieces), spec.get("drip")) if spec.get("drip") else pieces, spec.get("closes", False)
    body = spec.get("body", "")
    body = base64.b64decode(body[7:]) if body.startswith("base64:") else body.encode(spec.get("charset", "utf-8"))
    body = spec.get("bom", "").encode("latin-1") + body
    for coding in spec.get("codings", []):
        body = {"gzip": gzip.compress, "deflate": zlib.compress}[coding](body)
    lines = [f"HTTP/1.1 {spec.get('status', 200)} OK"]
    lines += spec.get("head", [])
    if not any(line.lower().startswith("content-type") for line in lines) and spec.get("type", "application/json"):
        lines.append(f"Content-Type: {spec.get('type', 'application/json')}")
    if spec.get("codings"):
        lines.append("Content-Encoding: " + ", ".join(spec["codings"]))
    if "chunk" in spec:
        lines.append("Transfer-Encoding: chunked")
        size = spec["chunk"]
        parts = [body[i:i + size] for i in range(0, len(body), size)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n"
        body += "".join(line + "\r\n" for line in spec.get("trailers", [])).encode("latin-1") + b"\r\n"
    elif not spec.get("closes"):
        lines.append(f"Content-Length: {len(body)}")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return split(head + body, spec.get("drip")), spec.get("closes", False)


def split(data, size):
    return [data[i:i + size] for i in range(0, len(data), size)] if size else [data]


def request(technique, path):
    fill = {"{{path}}": path, "{{auth}}": f"Host: h\r\nAuthorization: Bearer {TOKEN}"}
    text = technique.get("request", "GET {{path}} HTTP/1.1\r\n{{auth}}\r\nAccept-Encoding: gzip, deflate\r\n\r\n")
    for name, value in fill.items():
        text = text.replace(name, value)
    data = text.encode("latin-1")
    body = technique.get("body")
    if body is not None:
        content = body["text"].encode(body.get("charset", "utf-8"))
        for coding in body.get("codings", []):
            content = {"gzip": gzip.compress, "deflate": zlib.compress}[coding](content)
        lines = [f"{body.get('method', 'POST')} {path} HTTP/1.1", fill["{{auth}}"], f"Content-Type: {body.get('type', 'application/json')}"]
        lines += body.get("head", [])
        if body.get("codings"):
            lines.append("Content-Encoding: " + ", ".join(body["codings"]))
        if "chunk" in body:
            size = body["chunk"]
            lines.append("Transfer-Encoding: chunked")
            parts = [content[i:i + size] for i in range(0, len(content), size)]
            content = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
        else:
            lines.append(f"Content-Length: {len(content)}")
        data = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + content
    return split(data, technique.get("drip"))


def talk(port, pieces, limit):
    """What the sidecar says until it closes, or says nothing for a while."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in pieces:
                connection.sendall(piece)
        except OSError:
            pass
        connection.settimeout(limit)
        try:
            while more := connection.recv(65536):
                got += more
                if is_answered(got):
                    connection.settimeout(0.15)
        except OSError:
            pass
    return got


def is_answered(got):
    head, found, body = got.partition(b"\r\n\r\n")
    if not found or head.startswith(b"HTTP/1.1 1"):
        return False
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    if length:
        return len(body) >= int(length[1])
    return b"chunked" not in head.lower() or body.endswith(b"\r\n\r\n") or body == b"0\r\n\r\n"


def openings(got):
    """The bytes, their bodies without chunks, and opened where they are coded."""
    yield got
    _, _, body = got.partition(b"\r\n\r\n")
    plain = re.sub(rb"\r\n[0-9a-f]+\r\n", b"", b"\r\n" + body)
    yield plain
    for data in (body, plain):
        for window in (31, 15, -15):
            try:
                yield zlib.decompressobj(window).decompress(data)
            except zlib.error:
                pass
    for charset in ("utf-16-le", "utf-16-be", "utf-7"):
        try:
            yield plain.decode(charset, "ignore").encode("utf-8", "ignore")
        except (UnicodeError, ValueError):
            pass


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        table = json.load(file)
    service = Service(int(sys.argv[3]))
    only = os.environ.get("ONLY")
    for number, technique in enumerate(table["techniques"]):
        if only and only not in technique["name"]:
            continue
        path = technique.get("path", "/v1/attack-{{n}}").replace("{{n}}", str(number))
        service.response = response(technique)
        service.received = b""
        got = talk(int(sys.argv[2]), request(technique, path), technique.get("seconds", 2))
        statuses = [int(status) for status in re.findall(rb"HTTP/1\.1 (\d\d\d)", got)]
        sent = set()
        for view in openings(service.received):
            sent.update(leaks(view, table["values"], table["parts"]))
        received = set()
        for view in openings(got):
            received.update(leaks(view, table["values"], table["parts"]))
        result = {
            "number": number, "statuses": [status for status in statuses if status >= 200],
            "leaks": sorted(received) if not technique.get("passes") else [],
            "sent": sorted(sent) + [word for word in technique.get("forbidden", []) if word.encode("latin-1") in service.received],
            "reached": bool(service.received), "head": got.partition(b"\r\n\r\n")[0].decode("latin-1"),
            "records": [text.decode() for text in re.findall(rb'"record":"([0-9a-f-]{36})"', got)],
        }
        if only or result["leaks"] or result["sent"]:
            result["bytes"] = got.decode("latin-1")
            result["upstream"] = service.received.decode("latin-1")
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()

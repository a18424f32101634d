"""Sends every technique of a table through a sidecar by the extended protocol, and prints every byte that comes back.

usage: attack.py TABLE VARIANT; PGPORT and PGPASSWORD say where and with which token. A variant is `text` or `binary` (the
format that results are asked for in) or `blind` (text, without a Describe). One line a technique: its number, what
the server refused, and the bytes as Latin-1 in JSON. Standard library only.
"""
import json
import os
import socket
import struct
import sys


class Session:
    def __init__(self):
        self.socket = socket.create_connection(("127.0.0.1", int(os.environ["PGPORT"])), timeout=30)
        self.buffer = b""
        self.seen = b""
        body = struct.pack("!i", 196608) + b"user\0agent\0database\0postgres\0\0"
        self.socket.sendall(struct.pack("!i", len(body) + 4) + body)
        self.send(b"p", os.environ["PGPASSWORD"].encode() + b"\0")
        self.until_ready()
        self.seen = b""

    def send(self, tag, body):
        self.socket.sendall(tag + struct.pack("!i", len(body) + 4) + body)

    def until_ready(self):
        refused = False
        while True:
            while len(self.buffer) < 5 or len(self.buffer) < 1 + struct.unpack("!i", self.buffer[1:5])[0]:
                data = self.socket.recv(65536)
                if not data:
                    raise EOFError("the sidecar closed the connection")
                self.buffer += data
                self.seen += data
            size = 1 + struct.unpack("!i", self.buffer[1:5])[0]
            tag, self.buffer = self.buffer[:1], self.buffer[size:]
            refused = refused or tag == b"E"
            if tag == b"Z":
                return refused

    def run(self, statement, variant):
        self.send(b"P", b"\0" + statement.encode() + b"\0\0\0")
        self.send(b"B", b"\0\0" + struct.pack("!hhhh", 0, 0, 1, 1 if variant == "binary" else 0))
        if variant != "blind":
            self.send(b"D", b"P\0")
        self.send(b"E", b"\0" + struct.pack("!i", 0))
        self.send(b"S", b"")
        return self.until_ready()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        table = json.load(file)
    variant = sys.argv[2]
    for number, technique in enumerate(table):
        if variant not in technique.get("variants", [variant]):
            continue
        session = Session()
        refused = [session.run(statement, variant) for statement in technique["statements"]]
        print(json.dumps({"number": number, "refused": any(refused), "bytes": session.seen.decode("latin-1")}))
        session.socket.close()


main()

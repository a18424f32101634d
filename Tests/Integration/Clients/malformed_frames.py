"""Sends what no client should to the sidecar: each connection must end by itself, and quickly.

Arguments: port, token.
"""
import socket
import struct
import sys

port, token = int(sys.argv[1]), sys.argv[2]


def startup(**parameters):
    body = struct.pack("!i", 196608) + b"".join(k.encode() + b"\0" + v.encode() + b"\0" for k, v in parameters.items()) + b"\0"
    return struct.pack("!i", len(body) + 4) + body


def message(kind, body):
    return kind + struct.pack("!i", len(body) + 4) + body


def login(connection):
    connection.sendall(startup(user="agent", database="postgres") + message(b"p", token.encode() + b"\0"))
    seen = b""
    while b"Z\0\0\0\x05" not in seen:
        block = connection.recv(65536)
        if not block:
            sys.exit(f"login failed: {seen!r}")
        seen += block


BEFORE_LOGIN = {
    "nothing": b"",
    "a length of zero": struct.pack("!i", 0),
    "a negative length": struct.pack("!i", -5),
    "a huge length": struct.pack("!i", 0x7FFFFFFF) + b"x" * 100,
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a TLS hello with no SSLRequest": bytes.fromhex("16030100c8010000c40303") + b"\0" * 200,
    "SSLRequest twice": struct.pack("!ii", 8, 80877103) * 2 + struct.pack("!ii", 8, 80877103),
    "protocol 9.9": struct.pack("!iHH", 9, 9, 9) + b"\0",
    "no terminator": struct.pack("!ii", 12, 196608) + b"user",
    "replication": startup(user="agent", replication="database") + message(b"p", token.encode() + b"\0"),
}
AFTER_LOGIN = {
    "an unknown type": message(b"\xff", b""),
    "a length below four": b"Q" + struct.pack("!i", 3),
    "a negative length": b"Q" + struct.pack("!i", -1),
    "a huge length": b"Q" + struct.pack("!i", 0x7FFFFFF0) + b"SELECT",
    "a query without end": message(b"Q", b"SELECT 1"),
    "a query with bytes behind its end": message(b"Q", b"SELECT 1\0DROP TABLE n\0"),
    "Bind with counts that lie": message(b"B", b"\0\0" + struct.pack("!hhh", 0, 32767, 0)),
    "Bind with a negative length": message(b"B", b"\0\0" + struct.pack("!hhi", 0, 1, -7) + struct.pack("!h", 0)),
    "a password out of turn": message(b"p", b"again\0"),
    "CopyData out of turn, then a FunctionCall": message(b"F", struct.pack("!ihhh", 1, 0, 0, 0)),
}


def ends(connection):
    connection.settimeout(10)
    try:
        while connection.recv(65536):
            pass
        return True
    except ConnectionResetError:
        return True
    except socket.timeout:
        return False


faults = []
for name, data in BEFORE_LOGIN.items():
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        if not ends(connection):
            faults.append(f"before login, {name}: still open")
for name, data in AFTER_LOGIN.items():
    with socket.create_connection(("127.0.0.1", port)) as connection:
        login(connection)
        connection.sendall(data)
        if name.startswith("CopyData"):
            connection.sendall(message(b"X", b""))
        if not ends(connection):
            faults.append(f"after login, {name}: still open")
for fault in faults:
    print(fault)
sys.exit(1 if faults else 0)

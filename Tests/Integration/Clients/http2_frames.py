"""Sends an HTTP/2 server what clients do not send, each on a connection of its own, and prints what came of it as lines of JSON.

usage: http2_frames.py PORT TOKEN
"""
import json
import socket
import sys

import h2.config
import h2.connection
import h2.events

PORT, TOKEN = int(sys.argv[1]), sys.argv[2]
BASE = [(":method", "GET"), (":scheme", "http"), (":authority", "crm"), (":path", "/v1/smuggled")]
AUTH = [("authorization", "Bearer " + TOKEN)]


def without(name):
    return [pair for pair in BASE if pair[0] != name]


CASES = {
    "a field of the connection": BASE + AUTH + [("connection", "close")],
    "a transfer coding": BASE + AUTH + [("transfer-encoding", "chunked")],
    "a name with capitals": BASE + AUTH + [("X-A", "b")],
    "a line end in a value": BASE + AUTH + [("x-a", "b\r\nGET /v1/smuggled HTTP/1.1")],
    "a line end in the path": without(":path") + [(":path", "/v1/smuggled HTTP/1.1\r\nx: y")] + AUTH,
    "another Host": BASE + AUTH + [("host", "other")],
    "two paths": BASE + [(":path", "/v1/smuggled2")] + AUTH,
    "a pseudo-field behind the fields": without(":path") + AUTH + [(":path", "/v1/smuggled")],
    "no path": without(":path") + AUTH,
    "CONNECT": [(":method", "CONNECT"), (":authority", "crm:443")] + AUTH,
    "a WebSocket by CONNECT": [(":method", "CONNECT"), (":protocol", "websocket")] + BASE[1:] + AUTH,
    "a length that is too great": [(":method", "POST")] + BASE[1:] + AUTH + [("content-length", "50")],
    "a length that is too small": [(":method", "POST")] + BASE[1:] + AUTH + [("content-length", "2")],
    "no token": BASE,
}


def open_connection():
    # Nothing of what is wrong is mended or refused by the client.
    configuration = h2.config.H2Configuration(
        client_side=True, validate_outbound_headers=False, normalize_outbound_headers=False, header_encoding="utf-8")
    connection = h2.connection.H2Connection(configuration)
    connection.initiate_connection()
    sock = socket.create_connection(("127.0.0.1", PORT), timeout=10)
    sock.sendall(connection.data_to_send())
    return connection, sock


def outcome(connection, sock):
    """The status, or how the stream or the connection ended."""
    got = {}
    while True:
        data = sock.recv(65536)
        if not data:
            return got.get("status") or "closed"
        for event in connection.receive_data(data):
            if isinstance(event, h2.events.ResponseReceived):
                got["status"] = dict(event.headers)[":status"]
            elif isinstance(event, h2.events.StreamEnded):
                return got["status"]
            elif isinstance(event, h2.events.StreamReset):
                return got.get("status") or "reset"
            elif isinstance(event, h2.events.ConnectionTerminated):
                return got.get("status") or "terminated"
        sock.sendall(connection.data_to_send())


# Says nothing more until all others are done.
_, idle = open_connection()

for name, headers in CASES.items():
    connection, sock = open_connection()
    try:
        has_body = headers[0][1] == "POST"
        connection.send_headers(1, headers, end_stream=not has_body)
        if has_body:
            connection.send_data(1, b"hello", end_stream=True)
        sock.sendall(connection.data_to_send())
        result = outcome(connection, sock)
    except (OSError, h2.exceptions.ProtocolError) as error:
        result = type(error).__name__
    finally:
        sock.close()
    print(json.dumps({"case": name, "outcome": result}), flush=True)

# One that begins to send and takes it back: nobody gets half a request.
connection, sock = open_connection()
connection.send_headers(1, [(":method", "POST"), *BASE[1:], *AUTH, ("content-type", "application/json")])
connection.send_data(1, b'{"note": "begun')
connection.reset_stream(1)
# Then one that is in order, on the same connection.
connection.send_headers(3, [(":method", "GET"), *BASE[1:3], (":path", "/v1/customers/8"), *AUTH], end_stream=True)
sock.sendall(connection.data_to_send())
while True:
    try:
        events = connection.receive_data(sock.recv(65536))
    except OSError:
        break
    if any(isinstance(event, h2.events.StreamEnded) for event in events):
        break
sock.close()
print(json.dumps({"case": "a request after one that was taken back", "outcome": "200"}), flush=True)

# A connection without a request is not kept for ever.
idle.settimeout(60)
try:
    while idle.recv(65536):
        pass
    result = "closed"
except OSError as error:
    result = type(error).__name__
print(json.dumps({"case": "a connection without a request", "outcome": result}), flush=True)

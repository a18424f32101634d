"""A client of protocol 3.0 that hides nothing: it writes messages, and keeps every message that comes, to the byte."""
import base64
import hashlib
import hmac
import os
import socket
import struct

# Longer messages are kept as their digest.
KEPT = 1 << 20


def string(text):
    return (text if isinstance(text, bytes) else text.encode()) + b"\0"


def message(tag, body=b""):
    return tag + struct.pack(">I", len(body) + 4) + body


def query(text):
    return message(b"Q", string(text))


def parse(text, name="", types=()):
    return message(b"P", string(name) + string(text) + struct.pack(">H", len(types))
                   + b"".join(struct.pack(">I", oid) for oid in types))


def value(content):
    return struct.pack(">i", -1) if content is None else struct.pack(">i", len(content)) + content


def formats(codes):
    return struct.pack(">H", len(codes)) + b"".join(struct.pack(">h", code) for code in codes)


def bind(parameters=(), portal="", statement="", given=(), wanted=()):
    return message(b"B", string(portal) + string(statement) + formats(given) + struct.pack(">H", len(parameters))
                   + b"".join(value(content) for content in parameters) + formats(wanted))


def describe(kind, name=""):
    return message(b"D", kind + string(name))


def execute(maximum=0, portal=""):
    return message(b"E", string(portal) + struct.pack(">i", maximum))


def close(kind, name=""):
    return message(b"C", kind + string(name))


def copy_data(content):
    return message(b"d", content)


SYNC = message(b"S")
FLUSH = message(b"H")
COPY_DONE = message(b"c")
TERMINATE = message(b"X")


def copy_fail(reason):
    return message(b"f", string(reason))


class Frame:
    """A message of the server's: its tag, and its body or the digest of a long one."""

    def __init__(self, tag, body):
        self.tag = tag
        self.size = len(body)
        self.body = body if len(body) <= KEPT else hashlib.sha256(body).digest()

    def columns(self):
        """The values of a DataRow."""
        count, = struct.unpack_from(">h", self.body)
        offset, found = 2, []
        for _ in range(count):
            length, = struct.unpack_from(">i", self.body, offset)
            offset += 4
            found.append(None if length < 0 else self.body[offset:offset + length])
            offset += max(length, 0)
        return found


class Connection:
    """
    `frames` has everything that came since the first ReadyForQuery; `greeting` what came before it.
    """

    def __init__(self, port, user, password, database="postgres", parameters=(), seconds=60):
        self.port = port
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.start = 0
        self.greeting = []
        self.frames = []
        self.ended = False
        settings = [("user", user), ("database", database), *parameters]
        body = struct.pack(">I", 3 << 16) + b"".join(string(k) + string(v) for k, v in settings) + b"\0"
        self.send(struct.pack(">I", len(body) + 4) + body)
        self.log_in(user, password)

    def send(self, data):
        self.socket.sendall(data)

    def need(self, count):
        while len(self.buffer) - self.start < count:
            if self.start:
                del self.buffer[:self.start]
                self.start = 0
            more = self.socket.recv(1 << 18)
            if not more:
                raise EOFError
            self.buffer += more

    def next(self):
        self.need(5)
        length, = struct.unpack_from(">I", self.buffer, self.start + 1)
        self.need(length + 1)
        tag = bytes(self.buffer[self.start:self.start + 1])
        body = bytes(self.buffer[self.start + 5:self.start + 1 + length])
        self.start += length + 1
        return Frame(tag, body)

    def log_in(self, user, password):
        scram = None
        while True:
            frame = self.next()
            if frame.tag == b"R":
                code, = struct.unpack_from(">I", frame.body)
                if code == 3:
                    self.send(message(b"p", string(password)))
                elif code == 10:
                    scram = Scram(password)
                    self.send(message(b"p", string("SCRAM-SHA-256") + value(scram.first())))
                elif code == 11:
                    self.send(message(b"p", scram.final(frame.body[4:])))
                continue
            self.greeting.append(frame)
            if frame.tag == b"Z" or frame.tag == b"E":
                return

    def take(self):
        try:
            frame = self.next()
        except (EOFError, ConnectionError):
            self.ended = True
            return None
        self.frames.append(frame)
        return frame

    def ready(self, count=1):
        """Takes messages up to the count-th ReadyForQuery, or the end."""
        while count:
            frame = self.take()
            if frame is None:
                return
            count -= frame.tag == b"Z"

    def until(self, tags):
        """Takes messages up to one of these."""
        while True:
            frame = self.take()
            if frame is None or frame.tag in tags:
                return frame

    def ask(self, text):
        self.send(query(text))
        self.ready()

    def run(self, *messages):
        """A pipeline with its Sync."""
        self.send(b"".join(messages) + SYNC)
        self.ready()

    def cancel(self):
        """As another connection, with the key that the greeting gave."""
        key = next(frame.body for frame in self.greeting if frame.tag == b"K")
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as other:
            other.sendall(struct.pack(">II", 16, 1234 << 16 | 5678) + key)
            other.recv(1)

    def end(self):
        try:
            self.send(TERMINATE)
        except OSError:
            pass
        self.socket.close()


class Scram:
    """SCRAM-SHA-256 (RFC 7677) without channel binding."""

    def __init__(self, password):
        self.password = password.encode()
        self.nonce = base64.b64encode(os.urandom(18)).decode()

    def first(self):
        self.bare = f"n=,r={self.nonce}"
        return b"n,," + self.bare.encode()

    def final(self, server_first):
        fields = dict(part.split("=", 1) for part in server_first.decode().split(","))
        salted = hashlib.pbkdf2_hmac("sha256", self.password, base64.b64decode(fields["s"]), int(fields["i"]))
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        without_proof = f"c=biws,r={fields['r']}"
        signed = ",".join([self.bare, server_first.decode(), without_proof]).encode()
        signature = hmac.digest(hashlib.sha256(client_key).digest(), signed, "sha256")
        proof = base64.b64encode(bytes(a ^ b for a, b in zip(client_key, signature))).decode()
        return f"{without_proof},p={proof}".encode()

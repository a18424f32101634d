"""Runs a technique's statements as each of the clients does. What a client makes of the answers is of no interest here but
that it can read them: an answer that a driver cannot decode is no valid value of its type."""
import asyncio
import os
import socket
import struct
import subprocess

import asyncpg
import psycopg


def psql(port, token, name, technique):
    commands = [word for statement in technique["statements"] for word in ("-c", statement)]
    environment = dict(
        os.environ, PGHOST="127.0.0.1", PGPORT=str(port), PGUSER="agent", PGDATABASE="postgres", PGPASSWORD=token,
        PGSSLMODE="disable", PGGSSENCMODE="disable", PGAPPNAME=name, LC_ALL="C.UTF-8")
    subprocess.run(
        ["psql", "-X", "-q", "-A", "-t", "-v", "VERBOSITY=verbose", "-v", "SHOW_CONTEXT=always"] + commands,
        env=environment, input=technique.get("input", "").encode(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        timeout=60)


class Raw:
    """The protocol by hand, so that nothing stands between a technique and the wire."""

    def __init__(self, port, token, name):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        body = struct.pack("!i", 196608)
        for key, value in (("user", "agent"), ("database", "postgres"), ("application_name", name)):
            body += key.encode() + b"\0" + value.encode() + b"\0"
        body += b"\0"
        self.socket.sendall(struct.pack("!i", len(body) + 4) + body)
        self.send(b"p", token.encode() + b"\0")
        self.wait()

    def send(self, tag, body):
        self.socket.sendall(tag + struct.pack("!i", len(body) + 4) + body)

    def wait(self, until=b"Z"):
        """Reads up to a message of the kind; a connection that ends is an end, too."""
        while True:
            while len(self.buffer) < 5 or len(self.buffer) < 1 + struct.unpack("!i", self.buffer[1:5])[0]:
                data = self.socket.recv(65536)
                if not data:
                    return False
                self.buffer += data
            size = 1 + struct.unpack("!i", self.buffer[1:5])[0]
            tag, self.buffer = self.buffer[:1], self.buffer[size:]
            if tag == until:
                return True

    def statement(self, text, parameters, variant):
        self.send(b"P", b"\0" + text.encode() + b"\0\0\0")
        self.bind("", "", parameters, [], [1 if variant == "binary" else 0])
        if variant != "blind":
            self.send(b"D", b"P\0")
        self.send(b"E", b"\0" + struct.pack("!i", 0))
        self.send(b"S", b"")
        return self.wait()

    def bind(self, portal, statement, parameters, formats, results):
        body = portal.encode() + b"\0" + statement.encode() + b"\0"
        body += struct.pack(f"!h{len(formats)}h", len(formats), *formats) + struct.pack("!h", len(parameters))
        for value in parameters:
            if value is None:
                body += struct.pack("!i", -1)
            else:
                data = bytes.fromhex(value[3:]) if value.startswith("hex") else value.encode()
                body += struct.pack("!i", len(data)) + data
        self.send(b"B", body + struct.pack(f"!h{len(results)}h", len(results), *results))

    def step(self, kind, *words):
        """One message of a technique's own, or `wait`."""
        if kind == "wait":
            self.wait(words[0].encode() if words else b"Z")
        elif kind == "query":
            self.send(b"Q", words[0].encode() + b"\0")
        elif kind == "parse":
            self.send(b"P", words[0].encode() + b"\0" + words[1].encode() + b"\0\0\0")
        elif kind == "bind":
            self.bind(*words)
        elif kind == "describe":
            self.send(b"D", words[0].encode() + words[1].encode() + b"\0")
        elif kind == "execute":
            self.send(b"E", words[0].encode() + b"\0" + struct.pack("!i", words[1]))
        elif kind == "close":
            self.send(b"C", words[0].encode() + words[1].encode() + b"\0")
        elif kind == "sync":
            self.send(b"S", b"")
        elif kind == "flush":
            self.send(b"H", b"")
        elif kind == "data":
            self.send(b"d", words[0].encode())
        elif kind == "done":
            self.send(b"c", b"")
        elif kind == "message":
            self.send(words[0].encode("latin-1"), bytes.fromhex(words[1]))
        elif kind == "bytes":
            self.socket.sendall(bytes.fromhex(words[0]))
        elif kind == "long":
            # A statement of so many pieces.
            self.send(b"Q", (words[0] + words[1] * words[2] + words[3]).encode() + b"\0")
        else:
            raise ValueError(kind)


def before_login(port, token, name, technique):
    """Sends what may stand where a connection starts, and reads whatever comes of it."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        for part in technique["start"]:
            kind, _, value = part.partition(":")
            if kind in ("R", "O"):
                key = {"R": "replication", "O": "options"}[kind]
                body = struct.pack("!i", 196608) + b"user\0agent\0database\0postgres\0"
                body += f"application_name\0{name}\0{key}\0{value}\0\0".encode()
                data = struct.pack("!i", len(body) + 4) + body
                word = token.encode() + b"\0"
                data += b"p" + struct.pack("!i", len(word) + 4) + word
            else:
                data = bytes.fromhex(part)
            try:
                connection.sendall(data)
                connection.settimeout(1)
                while connection.recv(65536):
                    pass
            except (TimeoutError, ConnectionError):
                pass


def raw(variant):
    def run(port, token, name, technique):
        if "start" in technique:
            return before_login(port, token, name, technique)
        session = Raw(port, token, name)
        try:
            if "messages" in technique:
                for step in technique["messages"]:
                    session.step(*step)
            else:
                for statement in technique["statements"]:
                    if not session.statement(statement, technique.get("parameters", []), variant):
                        break
        except (BrokenPipeError, ConnectionResetError):
            pass
        session.socket.close()

    return run


def with_psycopg(binary):
    def run(port, token, name, technique):
        with psycopg.connect(
                host="127.0.0.1", port=port, user="agent", password=token, dbname="postgres", sslmode="disable",
                gssencmode="disable", application_name=name, autocommit=True, prepare_threshold=0) as connection:
            for statement in technique["statements"]:
                try:
                    with connection.cursor(binary=binary) as cursor:
                        if is_copy(statement, "TO"):
                            with cursor.copy(statement) as copy:
                                for _ in copy:
                                    pass
                        elif is_copy(statement, "FROM"):
                            with cursor.copy(statement) as copy:
                                copy.write(technique.get("input", ""))
                        else:
                            # Twice: the second time the statement is prepared already.
                            for _ in range(technique.get("times", 1)):
                                cursor.execute(statement, binary=binary)
                                if cursor.description:
                                    cursor.fetchall()
                except psycopg.Error as error:
                    if error.sqlstate is None and not connection.closed:
                        raise
                if connection.closed:
                    break

    return run


def is_copy(statement, direction):
    words = statement.upper().split()
    return words[:1] == ["COPY"] and f"{direction} STD" in " ".join(words)


def with_asyncpg(port, token, name, technique):
    async def run():
        connection = await asyncpg.connect(
            host="127.0.0.1", port=port, user="agent", password=token, database="postgres", ssl=False,
            server_settings={"application_name": name})
        try:
            for statement in technique["statements"]:
                try:
                    if is_copy(statement, "TO"):
                        async def sink(data):
                            pass
                        await connection._copy_out(statement, sink, 30)
                    elif is_copy(statement, "FROM"):
                        async def source():
                            yield technique.get("input", "").encode()
                        await connection._copy_in(statement, source(), 30)
                    else:
                        # The second time it comes from asyncpg's cache: Bind and Execute with no Describe.
                        for _ in range(technique.get("times", 2)):
                            await connection.fetch(statement, *technique.get("parameters", []))
                except asyncpg.PostgresError:
                    pass
                except asyncpg.InterfaceError as error:
                    # Types that asyncpg has no codec for, on any server.
                    if "codec" not in str(error) and "decoder" not in str(error):
                        raise
                if connection.is_closed():
                    break
        finally:
            connection.terminate()

    asyncio.run(run())


CLIENTS = {
    "psql": psql, "text": raw("text"), "binary": raw("binary"), "blind": raw("blind"),
    "psycopg": with_psycopg(False), "psycopg-binary": with_psycopg(True), "asyncpg": with_asyncpg,
}

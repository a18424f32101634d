#!/usr/bin/env python3
"""What a connection that waits costs the sidecar in resident memory.

A thousand clients log in, run one point query each and say nothing more. What is counted is what they add to a sidecar that has
served a few before, so that the program's own pages are not taken for theirs.

    connections.py [--clients 1000] [--json FILE]
"""
import resource
import socket
import struct
import sys
import time

from bench import BenchStack, DemoError, main, memory_kib, row, wait_for

FEW = 20


class Client:
    """As much of the protocol as it takes to log in with a token and to ask."""

    def __init__(self, port, token):
        self.socket = socket.create_connection(("127.0.0.1", port), 30)
        self.buffer = b""
        body = struct.pack("!i", 196608) + b"user\0assistant\0database\0postgres\0\0"
        self.socket.sendall(struct.pack("!i", len(body) + 4) + body)
        while True:
            tag, body = self.message()
            if tag == b"R" and body[:4] == b"\0\0\0\x03":
                self.send(b"p", token.encode() + b"\0")
            elif tag == b"E":
                raise DemoError(f"a connection was refused: {body!r}")
            elif tag == b"Z":
                return

    def send(self, tag, body):
        self.socket.sendall(tag + struct.pack("!i", len(body) + 4) + body)

    def read(self, count):
        while len(self.buffer) < count:
            more = self.socket.recv(65536)
            if not more:
                raise DemoError("a connection was closed")
            self.buffer += more
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def message(self):
        head = self.read(5)
        return head[:1], self.read(struct.unpack("!i", head[1:])[0] - 4)

    def query(self, text):
        self.send(b"Q", text.encode() + b"\0")
        while True:
            tag, body = self.message()
            if tag == b"E":
                raise DemoError(f"a query failed: {body!r}")
            if tag == b"Z":
                return


class Connections(BenchStack):
    clients = 1000

    def start_postgres(self):
        super().start_postgres()
        options = (f"-p {self.upstream} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.data.parent} -c fsync=off "
                   f"-c max_connections={self.clients + 100}")
        self.as_server_user(self.postgres_tool("pg_ctl"), "-D", str(self.data), "-l", str(self.data.parent / "log"), "-w", "-s",
                            "-m", "fast", "-o", options, "restart")


def open_clients(stack, count):
    clients = []
    for number in range(count):
        client = Client(stack.port, stack.agent_token)
        client.query(f"SELECT abalance FROM pgbench_accounts WHERE aid = {number + 1}")
        clients.append(client)
    return clients


def settled(pid):
    """Kilobytes resident once they have stayed the same for a second."""
    last, since = memory_kib(pid), time.monotonic()

    def stays():
        nonlocal last, since
        now = memory_kib(pid)
        if abs(now - last) > 64:
            last, since = now, time.monotonic()
        return time.monotonic() - since > 1
    wait_for("memory settles", stays)
    return memory_kib(pid)


def measure(stack, arguments):
    # Two descriptors a session in the sidecar, which inherits the limit.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    stack.clients = arguments.clients
    stack.start_all()
    pid = stack.processes["sidecar"].pid
    few = open_clients(stack, FEW)
    before = settled(pid)
    many = open_clients(stack, arguments.clients)
    after = settled(pid)
    for client in few + many:
        client.query("SELECT 1")
    return [row(f"{arguments.clients} idle connections: resident memory of each", (after - before) / arguments.clients,
                None, None, 12, "KiB")]


if __name__ == "__main__":
    sys.exit(main(__doc__, Connections, measure, clients=1000))

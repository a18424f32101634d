"""Stands between a client and the sidecar, passes everything on, and keeps every byte that the client's socket gets."""
import socket
import struct
import threading


class Relay:
    def __init__(self, target):
        self.target = target
        self.connections = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.target))
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            seen = bytearray()
            self.connections.append(seen)
            threading.Thread(target=self.pump, args=(client, server, None), daemon=True).start()
            threading.Thread(target=self.pump, args=(server, client, seen), daemon=True).start()

    @staticmethod
    def pump(source, sink, seen):
        try:
            while data := source.recv(65536):
                if seen is not None:
                    seen.extend(data)
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def take(self):
        """The bytes of each connection since it was last asked."""
        taken, self.connections = self.connections, []
        return [bytes(seen) for seen in taken]


def messages(data):
    """The messages of a server's bytes, as far as they are whole; an answer to SSLRequest is skipped."""
    position = 0
    while position < len(data) and data[position:position + 1] in (b"N", b"S") and (
            position + 5 > len(data) or data[position + 1:position + 2] in (b"R", b"E", b"N", b"S")):
        if position + 5 <= len(data) and struct.unpack("!i", data[position + 1:position + 5])[0] < 65536:
            break
        position += 1
    while position + 5 <= len(data):
        size = struct.unpack("!i", data[position + 1:position + 5])[0]
        if size < 4 or position + 1 + size > len(data):
            return
        yield data[position:position + 1], data[position + 5:position + 1 + size]
        position += 1 + size


def errors(data):
    """The fields of every ErrorResponse."""
    for tag, body in messages(data):
        if tag == b"E":
            fields = [part for part in body.split(b"\0") if part]
            yield {chr(field[0]): field[1:].decode("utf-8", "replace") for field in fields}

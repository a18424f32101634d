"""A service for tests: answers as its paths say, and prints each request that it gets as a line of JSON.

usage: http_service.py PORT [CERTIFICATE KEY [CA]]

With a CA it takes only clients that show a certificate of that CA's, and prints whose it is.
"""
import gzip
import json
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CUSTOMER = {"id": 7, "name": "Imogen Vale-Brandt", "email": "june.chavez1@example.com", "ssn": "283-68-4467", "note": "likes tea"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        print(json.dumps({
            "method": self.command, "path": self.path, "headers": dict(self.headers.items()), "body": body.decode("latin-1"),
            "client": self.client_name()
        }), flush=True)
        path = self.path.split("?")[0]
        if path == "/v1/large":
            return self.chunks()
        if path == "/v1/echo":
            return self.say(body, self.headers.get("Content-Type", "application/octet-stream"))
        if path == "/v1/file":
            return self.say(b"\0\1\2" * 100, "application/octet-stream")
        if path == "/v1/none":
            self.send_response(204)
            return self.end_headers()
        self.say(json.dumps(CUSTOMER).encode(), "application/json")

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = handle_any

    def client_name(self):
        shown = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
        return dict(pair for part in shown["subject"] for pair in part).get("commonName") if shown else None

    def say(self, body, media_type):
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def chunks(self):
        """Twenty thousand documents in an array, in chunks."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        one = json.dumps(CUSTOMER).encode()
        for number in range(20_000):
            part = (b"[" if number == 0 else b",") + one + (b"]" if number == 19_999 else b"")
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")


ThreadingHTTPServer.allow_reuse_address = True
# More clients come at once than the usual five places hold.
ThreadingHTTPServer.request_queue_size = 256
server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[2:4])
    if len(sys.argv) > 4:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()

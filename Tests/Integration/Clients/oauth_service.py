"""A token endpoint and an API behind it, for tests. Prints each request that it gets as a line of JSON.

usage: oauth_service.py PORT MODE_FILE [CERTIFICATE KEY]

POST /token gives tokens to client-7 with hunter22+hunter; MODE_FILE says in a word how it goes. /v1/... wants one of the last tokens
that were given, and shows the request's fields. /revoke takes those back.
"""
import base64
import json
import ssl
import sys
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

state = {"count": 0, "tokens": []}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if not self.path.startswith("/token"):
            return self.api(body)
        mode = open(sys.argv[2]).read().strip()
        form = urllib.parse.parse_qs(body, strict_parsing=True)
        self.note(mode=mode, form=form, type=self.headers.get("Content-Type"))
        name, _, secret = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode().partition(":")
        pair = urllib.parse.unquote_plus(name), urllib.parse.unquote_plus(secret)
        if pair != ("client-7", "hunter22+hunter") or form.get("grant_type") != ["client_credentials"] or mode == "refuse":
            return self.say(401, {"error": "invalid_client", "error_description": f"{pair} is unknown"})
        if mode == "redirect":
            self.send_response(307)
            self.send_header("Location", "/token-elsewhere")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if mode == "large":
            return self.say(200, {"token_type": "Bearer", "access_token": "a", "padding": "x" * 70_000})
        if mode == "letters":
            return self.say(200, {"token_type": "Bearer", "access_token": "leaked-token\r\nX-Evil: 1"})
        if mode == "mac":
            return self.say(200, {"token_type": "mac", "access_token": "leaked-token"})
        if mode == "drip":
            # A byte a second, and no end.
            self.send_response(200)
            self.send_header("Content-Length", "60000")
            self.end_headers()
            while open(sys.argv[2]).read().strip() == "drip":
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(1)
            self.close_connection = True
            return
        if mode == "slow":
            time.sleep(1)
        state["count"] += 1
        token = f"token-number-{state['count']}"
        state["tokens"] = (state["tokens"] + [token])[-8:]
        lifetime = {"expires_in": 6} if mode == "short" else {}
        self.say(200, {"token_type": "bearer", "access_token": token, **lifetime})

    def do_GET(self):
        self.api("")

    def api(self, body):
        if self.path == "/revoke":
            state["tokens"] = []
            return self.say(200, {})
        self.note(authorization=self.headers.get("Authorization"), body=body)
        if self.headers.get("Authorization", "").removeprefix("Bearer ") not in state["tokens"]:
            return self.say(401, {"error": "invalid_token"})
        self.say(200, {"served": True, "fields": dict(self.headers.items())})

    def note(self, **more):
        print(json.dumps({"path": self.path, "at": time.time(), **more}), flush=True)

    def say(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer.allow_reuse_address = True
server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[3:5])
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()

"""Somebody else's service: a wiki, a place to drop files, and a tool over MCP. It prints each request that reaches it.

usage: outside.py PORT
"""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        print(json.dumps({"request": f"{self.command} {self.path}", "fields": dict(self.headers), "body": body}), flush=True)
        if self.path == "/mcp":
            asked = json.loads(body)
            said = {"content": [{"type": "text", "text": "filed"}]} if asked["method"] == "tools/call" else {}
            return self.say(json.dumps({"jsonrpc": "2.0", "id": asked.get("id"), "result": said}), "application/json")
        self.say("Opening hours: nine to five.\n", "text/plain")

    do_GET = do_POST = do_PUT = answer

    def say(self, text, media_type):
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()

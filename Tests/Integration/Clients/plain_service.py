"""A service that keeps to HTTP's letter: ranges, uploads and streams. usage: plain_service.py PORT"""
import hashlib
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FILE = bytes(range(256)) * 4096


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body, status=200, kind="application/octet-stream", **fields):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **fields}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        if self.path == "/file":
            asked = self.headers.get("Range", "")
            if asked.startswith("bytes=") and self.headers.get("If-Range", '"v1"') == '"v1"':
                first, last = asked[6:].split("-")
                first, last = (int(first), min(int(last or len(FILE)), len(FILE) - 1)) if first else (len(FILE) - int(last), len(FILE) - 1)
                if first >= len(FILE):
                    return self.answer(b"", 416, Content_Range=f"bytes */{len(FILE)}")
                return self.answer(FILE[first:last + 1], 206, Content_Range=f"bytes {first}-{last}/{len(FILE)}", ETag='"v1"')
            if self.headers.get("If-None-Match") == '"v1"':
                return self.answer(b"", 304, ETag='"v1"')
            return self.answer(FILE, ETag='"v1"', Accept_Ranges="bytes")
        if self.path == "/stream":
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for number in range(500):
                line = f"line {number}\n".encode()
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
            return None
        if self.path == "/moved":
            return self.answer(b"", 307, Location="/file")
        return self.answer(b"none", 404, "text/plain")

    do_HEAD = do_GET

    def do_POST(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = self.headers.get("Content-Type", "").split(";")[0]
        if kind == "multipart/form-data":
            # The boundary is another each time.
            body = body.replace(self.headers["Content-Type"].split("boundary=")[1].encode(), b"boundary")
        said = {"method": self.command, "length": len(body), "digest": hashlib.sha256(body).hexdigest(), "kind": kind,
                "cookie": self.headers.get("Cookie", ""), "custom": self.headers.get("X-Custom", "")}
        return self.answer(json.dumps(said).encode(), 201, "application/json", Set_Cookie="a=b; Path=/")

    do_PUT = do_PATCH = do_DELETE = do_POST


# A hundred clients come at once, and whom five places do not hold would wait for an answer that never comes.
ThreadingHTTPServer.request_queue_size = 256
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Service).serve_forever()

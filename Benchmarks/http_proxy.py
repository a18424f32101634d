#!/usr/bin/env python3
"""The HTTP lane beside nginx and haproxy as reverse proxies of the same server, by turns, in one run.

CPU time that the proxy spends on a request, with connections that are kept: 1 KB and 100 KB of JSON, looked into by nobody, and 100 KB
masked with every built-in detector. wrk asks (Debian's package), with one thread and sixteen connections; nginx serves files. The
sidecar records, and a collector is connected; a round of the sidecar's ends when all records are stored.

Memory: what a body of 1 GiB adds to the sidecar's resident memory at its peak, a response and a request, passed on and masked.

    http_proxy.py [--rounds 5] [--seconds 3] [--json FILE]
"""
import http.client
import pathlib
import re
import shutil
import socket
import socketserver
import subprocess
import sys
import threading

from bench import BenchStack, DemoError, cpu_seconds, forget_peak, free_port, main, median, memory_kib, row, wait_for
from pgbench import step_back

ORDER = ('{"id":"ord_%d","created":"2026-11-%02dT08:15:00Z","status":"shipped","total":{"amount":%d.50,"currency":"EUR"},"paid":true,'
         '"items":[{"sku":"A-%d","name":"Garden chair, folding, green","quantity":2}],"note":"%s",'
         '"shipping":{"city":"Rotterdam","country":"NL","carrier":null}}')
GIB = 1 << 30


def orders(size):
    """A list of orders; two in a hundred have something to be masked."""
    parts, length, number = [], 0, 0
    while length < size - 300:
        note = f"call 219-09-{1000 + number % 9000}" if number % 50 == 7 else "leave it at the back door, please"
        parts.append(ORDER % (100000 + number, 10 + number % 20, number % 999, number, note))
        length += len(parts[-1]) + 1
        number += 1
    return ("[" + ",".join(parts) + "]").encode()


class Endless(socketserver.StreamRequestHandler):
    """Answers a GET with 1 GiB of JSON, and takes the same."""

    def handle(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.rfile.readline()
        if head.startswith(b"GET"):
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
            for piece in gibibyte():
                self.wfile.write(piece)
            return
        if b"100-continue" in head.lower():
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        taken = 0
        if length := re.search(rb"(?i)content-length: (\d+)", head):
            left = int(length[1])
            while left and (piece := self.rfile.read1(min(left, 1 << 20))):
                left -= len(piece)
                taken += len(piece)
        else:
            while size := int(self.rfile.readline(), 16):
                taken += len(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
        text = b"%d" % taken
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                         % (len(text), text))


def gibibyte():
    block = ORDER.replace("%d.50", "%d") % (1, 10, 7, 3, "leave it at the back door, please") + ","
    block = (block * (1 + (1 << 20) // len(block))).encode()
    yield b"["
    for _ in range(GIB // len(block)):
        yield block
    yield b"1]"


class HTTPStack(BenchStack):
    def start_all(self):
        self.make_keys()
        self.files = self.folder / "files"
        self.files.mkdir()
        (self.files / "small.json").write_bytes(orders(1_024))
        (self.files / "large.json").write_bytes(orders(100_000))
        self.ports = {name: free_port() for name in ("server", "nginx", "haproxy", "plain", "masked", "big", "big-masked")}
        self.endless = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Endless)
        self.endless.daemon_threads = True
        threading.Thread(target=self.endless.serve_forever, daemon=True).start()
        self.start_nginx("server", f"root {self.files};")
        self.start_nginx("nginx", f"location / {{ proxy_pass http://server; proxy_http_version 1.1; proxy_set_header Connection ''; }}",
                         f"upstream server {{ server 127.0.0.1:{self.ports['server']}; keepalive 32; }}")
        self.start_haproxy()
        self.write_policy()
        self.start_collector()
        self.start_sidecar()
        self.agent_token = self.token("bench", ["support"])

    def write_policy(self):
        self.policy = self.folder / "policy"
        self.policy.mkdir()
        resources = "".join(
            f"  {name}: {{ protocol: http, listen: \"127.0.0.1:{self.ports[name]}\", upstream: \"http://127.0.0.1:{upstream}\" }}\n"
            for name, upstream in (("plain", self.ports["server"]), ("masked", self.ports["server"]),
                                   ("big", self.endless.server_address[1]), ("big-masked", self.endless.server_address[1])))
        rules = "".join(
            f"  - {{ name: rule-{number}, allow: [select], on: [plain, masked], to: {{ groups: [team-{number % 20}] }},\n"
            f"      where: {{ paths: ['/v1/team-{number}/**'] }} }}\n" for number in range(99))
        (self.policy / "policy.yaml").write_text(f"""apiVersion: stile.dev/v1
kind: Policy
metadata: {{ name: http-bench }}
identity:
  issuers: [ {{ url: "https://login.shop.example", audience: support-assistant, jwksFile: "{self.folder}/jwks.json" }} ]
resources:
{resources}classifications:
  people:
    detectors: [email, phone, us-ssn, credit-card, iban, ipv4, ipv6, jwt, passport, date-of-birth, medical-record-number]
    jsonKeys: [card_number, ssn]
    mask: redact
    on: [masked, big-masked]
rules:
  - {{ name: all, allow: ["*"], on: [plain, masked, big, big-masked], to: {{ groups: [support] }} }}
{rules}record: {{ statements: masked }}
""")
        self.run_stile("policy", "check", str(self.policy))

    def start_nginx(self, name, location, more=""):
        folder = self.folder / name
        folder.mkdir()
        temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (folder / "nginx.conf").write_text(
            f"daemon off; master_process off; user root; pid {folder}/pid; error_log stderr error;\n"
            "events { worker_connections 256; }\n"
            f"http {{ access_log off; {temporary} keepalive_requests 10000000; sendfile on; tcp_nopush on;\n"
            f"  types {{ application/json json; }} {more}\n"
            f"  server {{ listen 127.0.0.1:{self.ports[name]}; {location} }} }}\n")
        self.start(name, shutil.which("nginx") or "/usr/sbin/nginx", "-e", "stderr", "-c", str(folder / "nginx.conf"))
        self.wait_listening(name)

    def start_haproxy(self):
        file = self.folder / "haproxy.cfg"
        file.write_text(
            "global\n  nbthread 1\n  maxconn 256\ndefaults\n  mode http\n  http-reuse always\n  timeout connect 5s\n  timeout client 30s\n"
            f"  timeout server 30s\nfrontend in\n  bind 127.0.0.1:{self.ports['haproxy']}\n  default_backend out\nbackend out\n"
            f"  server one 127.0.0.1:{self.ports['server']}\n")
        self.start("haproxy", shutil.which("haproxy") or "/usr/sbin/haproxy", "-db", "-f", str(file))
        self.wait_listening("haproxy")

    def wait_listening(self, name):
        wait_for(f"{name} listens", lambda: socket.create_connection(("127.0.0.1", self.ports[name]), 1))


def ask(stack, port, path, seconds):
    """Requests that were answered."""
    done = subprocess.run(
        ["wrk", "-t1", "-c16", f"-d{seconds}s", "-H", f"Authorization: Bearer {stack.agent_token}", f"http://127.0.0.1:{port}{path}"],
        capture_output=True, text=True)
    found = re.search(r"(\d+) requests in", done.stdout)
    if done.returncode or not found or "Non-2xx" in done.stdout:
        raise DemoError(f"wrk: {done.stdout} {done.stderr}")
    return int(found[1])


def turns(stack, arguments, path, ways):
    """Microseconds of CPU a request, and requests a second, by way: the median of the rounds."""
    costs, speeds = {way: [] for way in ways}, {way: [] for way in ways}
    for _ in range(arguments.rounds):
        for way, (port, pid) in ways.items():
            before = cpu_seconds(pid)
            requests = ask(stack, port, path, arguments.seconds)
            if pid == stack.processes["sidecar"].pid:
                stack.wait_until_stored()
            costs[way].append((cpu_seconds(pid) - before) / requests * 1e6)
            speeds[way].append(requests / arguments.seconds)
    return {way: median(values) for way, values in costs.items()}, {way: median(values) for way, values in speeds.items()}


def memory(stack, name, upload):
    """MiB that a body of 1 GiB adds at the peak to what was resident before it."""
    pid = stack.processes["sidecar"].pid
    forget_peak(pid)
    before = memory_kib(pid)
    connection = http.client.HTTPConnection("127.0.0.1", stack.ports[name], timeout=600)
    headers = {"Authorization": f"Bearer {stack.agent_token}", "Content-Type": "application/json"}
    if upload:
        connection.request("POST", "/big", body=gibibyte(), headers=headers, encode_chunked=True)
        got = int(connection.getresponse().read())
    else:
        connection.request("GET", "/big", headers=headers)
        answer, got = connection.getresponse(), 0
        while piece := answer.read(1 << 20):
            got += len(piece)
    if got < 0.99 * GIB:
        raise DemoError(f"of 1 GiB {got} bytes came")
    return (memory_kib(pid, "VmHWM") - before) / 1024


def measure(stack, arguments):
    stack.start_all()
    step_back(stack.processes["collector"].pid)
    pid = {name: process.pid for name, process in stack.processes.items()}
    proxies = {name: (stack.ports[name], pid[name]) for name in ("nginx", "haproxy")}
    rows = []
    for path, size in (("/small.json", "1 KB"), ("/large.json", "100 KB")):
        costs, speeds = turns(stack, arguments, path, {"sidecar": (stack.ports["plain"], pid["sidecar"]), **proxies})
        for proxy, target in (("nginx", 1.5), ("haproxy", None)):
            rows.append(row(f"a response of {size}: CPU a request", costs["sidecar"], costs[proxy], proxy, target, "µs"))
        rows.append(row(f"a response of {size}: requests a second", speeds["sidecar"], speeds["nginx"], "nginx", None, "/s",
                        better="higher"))
    costs, _ = turns(stack, arguments, "/large.json", {"masked": (stack.ports["masked"], pid["sidecar"]), **proxies})
    length = len((stack.files / "large.json").read_bytes())
    rows.append(row("100 KB of JSON, masked: CPU a request", costs["masked"], costs["nginx"], "nginx", None, "µs"))
    rows.append(row("100 KB of JSON, masked: a core", length / costs["masked"], None, None, 400, "MB/s", better="higher"))
    for name, what in (("big", "passed on"), ("big-masked", "masked")):
        for upload in (False, True):
            rows.append(row(f"a {'request' if upload else 'response'} of 1 GiB, {what}: peak of resident memory beyond before",
                            memory(stack, name, upload), None, None, 16, "MiB"))
    return rows


if __name__ == "__main__":
    sys.exit(main(__doc__, HTTPStack, measure, rounds=5, seconds=3))

"""Tries ways out of a forward proxy, as bytes.

usage: egress_attack.py SIDECAR PLAIN OPENED NAMED UNVOUCHED: ports. TOKEN: the client's token; TRUST: the sidecar's trust file. A line of
JSON an attempt: the status that it got, which ones it may get, what it got and may not have, and what stands in its record.
"""
import base64
import json
import os
import socket
import ssl
import sys

SIDECAR, PLAIN, OPENED, NAMED, UNVOUCHED = (int(port) for port in sys.argv[1:6])
CREDENTIALS = base64.b64encode(b"agent:" + os.environ["TOKEN"].encode()).decode()
AUTH = f"Proxy-Authorization: Basic {CREDENTIALS}\r\n"
count = 0


def say(row, name, status, expected, got="", recorded=""):
    print(json.dumps({
        "row": row, "name": name, "status": status, "expected": expected, "got": got, "recorded": recorded
    }), flush=True)


def read(connection, limit=3):
    """All that comes until it closes, or says nothing for a while."""
    connection.settimeout(limit)
    data = b""
    try:
        while more := connection.recv(65536):
            data += more
            head, found, body = data.partition(b"\r\n\r\n")
            if found:
                length = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
                if not length or len(body) >= length[0]:
                    break
    except OSError:
        pass
    return data


def status(data):
    return int(data[9:12]) if data.startswith(b"HTTP/1.") else None


def reach():
    return socket.create_connection(("127.0.0.1", SIDECAR), timeout=10)


def ask(row, name, target, expected, host=None, more="", body="", method="GET", recorded=None):
    """A request that says where it goes."""
    place = target.partition("://")[2].partition("/")[0]
    with reach() as connection:
        length = f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n" if body else ""
        connection.sendall(f"{method} {target} HTTP/1.1\r\nHost: {host or place}\r\n{AUTH}{more}{length}\r\n{body}".encode("latin-1"))
        say(row, name, status(read(connection)), expected, recorded=recorded if recorded is not None else target)


def connect(place, host=None):
    connection = reach()
    connection.sendall(f"CONNECT {place} HTTP/1.1\r\nHost: {host or place}\r\n{AUTH}\r\n".encode("latin-1"))
    return connection, status(read(connection))


def refused(row, name, place, expected=(403,), recorded=None):
    connection, got = connect(place)
    connection.close()
    say(row, name, got, list(expected), recorded=f"CONNECT {place}" if recorded is None else recorded)


def hello(name, protocols=("http/1.1",)):
    """A real client's first bytes."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(list(protocols))
    talk = context.wrap_bio(incoming, outgoing, server_hostname=name)
    try:
        talk.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def with_extension(data, kind, content):
    """The hello with one more extension."""
    extension = kind.to_bytes(2, "big") + len(content).to_bytes(2, "big") + content
    body = bytearray(data[9:])
    at = 34 + 1 + body[34]
    at += 2 + int.from_bytes(body[at:at + 2], "big")
    at += 1 + body[at]
    size = int.from_bytes(body[at:at + 2], "big") + len(extension)
    body[at:at + 2] = size.to_bytes(2, "big")
    body += extension
    message = b"\1" + len(body).to_bytes(3, "big") + bytes(body)
    return data[:3] + len(message).to_bytes(2, "big") + message


def tunnel(row, name, data):
    """First bytes in a tunnel that is passed by name, which are not to open it: whoever sends them gets nothing, and is cut off."""
    connection, got = connect(f"localhost:{NAMED}")
    with connection:
        answer = b""
        closed = False
        connection.settimeout(5)
        try:
            connection.sendall(data)
            while more := connection.recv(65536):
                answer += more
            closed = True
        except ConnectionError:
            closed = True
        except OSError:
            pass
    say(row, name, got, [200], got=answer.hex() if closed else "it stays open", recorded="tunnel refused")


def within(row, name, request, expected, sni="localhost", recorded=""):
    """A request within a tunnel that is opened."""
    connection, got = connect(f"localhost:{OPENED}")
    if got != 200:
        return say(row, name, got, expected, got="no tunnel")
    context = ssl.create_default_context(cafile=os.environ["TRUST"])
    context.check_hostname = sni == "localhost"
    with context.wrap_socket(connection, server_hostname=sni) as talk:
        talk.sendall(request.encode("latin-1"))
        say(row, name, status(read(talk)), expected, recorded=recorded)


# 102: an allowed host as a drop.
base = f"http://localhost:{PLAIN}"
inside = f"Host: localhost:{OPENED}\r\n"
ask(102, "another path of an allowed host", f"{base}/gists/attack-forbidden", [403])
ask(102, "another method", f"{base}/v1/attack-forbidden-put", [403], method="PUT")
ask(102, "a value in the path", f"{base}/v1/283-68-4467", [403], recorded=f"{base}/v1/")
ask(102, "a value in the query", f"{base}/v1/query?q=4539148803436467", [403], recorded=f"{base}/v1/query")
ask(102, "a value in a field", f"{base}/v1/field", [403], more="X-Note: 283-68-4467\r\n")
ask(102, "a value in the service's own credential", f"{base}/v1/credential", [403], more="Authorization: Bearer 4539148803436467\r\n")
ask(102, "a value in a body", f"{base}/v1/body", [403], body="card 4539148803436467", method="POST")
within(102, "a value in an opened body", f"POST /v1/inner HTTP/1.1\r\n{inside}Content-Type: application/json\r\nContent-Length: 21\r\n\r\n{{\"a\": \"283-68-4467\"}}\n", [403], recorded="/v1/inner")
within(102, "another path within", f"GET /gists/attack-forbidden-2 HTTP/1.1\r\n{inside}\r\n", [403], recorded="/gists/attack-forbidden-2")
within(102, "an encoded way to another path", f"GET /v1/%2e%2e/attack-forbidden-3 HTTP/1.1\r\n{inside}\r\n", [403], recorded="attack-forbidden-3")
within(102, "the agent's own token", f"GET /v1/token HTTP/1.1\r\n{inside}Authorization: Bearer {os.environ['TOKEN']}\r\n\r\n", [403], recorded="/v1/token")

# 103: tunnels.
refused(103, "a tunnel to mail", "localhost:25")
refused(103, "a tunnel to a shell", "localhost:22")
refused(103, "a tunnel to a port that no rule names", "localhost:1")
refused(103, "a tunnel to another host", "evil.example:443")
refused(103, "a tunnel to the proxy itself", f"localhost:{SIDECAR}")
tunnel(103, "plain bytes in a tunnel", b"GET /v1/attack-forbidden-4 HTTP/1.1\r\nHost: localhost\r\n\r\n")
tunnel(103, "another protocol in a tunnel", b"SSH-2.0-OpenSSH_9.2\r\n")
within(103, "a tunnel within a tunnel", f"CONNECT localhost:{NAMED} HTTP/1.1\r\nHost: localhost:{NAMED}\r\n\r\n", [400, 405, 421], recorded=f"CONNECT localhost:{NAMED}")

# 104: for whom it is, said twice.
tunnel(104, "a hello for another host", hello("evil.example"))
tunnel(104, "a hello for nobody", hello(None))
tunnel(104, "an encrypted hello", with_extension(hello("localhost"), 0xFE0D, b"\0" * 40))
tunnel(104, "a second name", with_extension(hello("localhost"), 0, b"\0\x0f\0\0\x0cevil.example"))
within(104, "a Host that is another's", "GET /v1/fronting HTTP/1.1\r\nHost: evil.example\r\n\r\n", [421], recorded="/v1/fronting")
within(104, "a Host on another port", f"GET /v1/fronting-2 HTTP/1.1\r\nHost: localhost:{NAMED}\r\n\r\n", [421], recorded="/v1/fronting-2")
within(104, "a whole URL that is another's", "GET https://evil.example/v1/fronting-3 HTTP/1.1\r\nHost: evil.example\r\n\r\n", [421], recorded="/v1/fronting-3")
within(104, "another name shown to the opened leg", "GET /v1/fronting-4 HTTP/1.1\r\nHost: evil.example\r\n\r\n", [421], sni="evil.example", recorded="/v1/fronting-4")

# 105: letters.
for number, host in enumerate(["localhost\0.evil.example", "local\u00adhost", "localhost%2eevil", "localhost@evil.example", "localhost:1:2", "..", "-"]):
    with reach() as connection:
        connection.sendall(f"CONNECT {host}:{OPENED} HTTP/1.1\r\nHost: {host}\r\n{AUTH}\r\n".encode("latin-1"))
        say(105, f"a host of odd letters, {number}", status(read(connection)), [400, 403], recorded="client protocol violation")
refused(105, "a name that ends in a dot is the name", f"LOCALHOST.:25", recorded="CONNECT localhost:25")

# 106: addresses.
refused(106, "the metadata service", "169.254.169.254:80")
refused(106, "the metadata service in one number", "2852039166:80", recorded="CONNECT 169.254.169.254:80")
refused(106, "the metadata service mapped", "[::ffff:169.254.169.254]:80", recorded="CONNECT [::ffff:a9fe:a9fe]:80")
refused(106, "oneself in one number", f"2130706433:{UNVOUCHED}", recorded=f"CONNECT 127.0.0.1:{UNVOUCHED}")
refused(106, "oneself in octal", f"0177.0.0.1:{UNVOUCHED}", recorded=f"CONNECT 127.0.0.1:{UNVOUCHED}")
refused(106, "oneself in IPv6", f"[::1]:{UNVOUCHED}")
refused(106, "a name that stands for oneself", f"localhost:{UNVOUCHED}")
ask(106, "likewise without a tunnel", f"http://localhost:{UNVOUCHED}/v1/attack-forbidden-5", [403])
ask(106, "an address of one's own that a rule names and does not vouch for", "http://169.254.169.254/latest/meta-data", [403])
ask(106, "the last", f"{base}/v1/attack-last", [200])

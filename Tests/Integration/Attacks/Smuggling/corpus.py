"""Requests that two servers read differently, or might: heads and framings by hand, and every combination of some.

A case is bytes to send. `/N/` in it becomes the case's own path, `\r\nAUTH` the field that says who asks.
"""
import itertools
import random

# Who is asked this closes behind it: a case that is taken is soon over.
NEXT = "GET /N/next HTTP/1.1\r\nHost: a\r\nAUTH\r\nConnection: close\r\n\r\n"
INNER = "GET /N/smuggled HTTP/1.1\r\nHost: a\r\nAUTH\r\n\r\n"


def post(fields, body, version="HTTP/1.1", target="/N/post"):
    return f"POST {target} {version}\r\nHost: a\r\nAUTH\r\n{fields}\r\n{body}"


def get(fields="", target="/N/get", version="HTTP/1.1", method="GET"):
    return f"{method} {target} {version}\r\nHost: a\r\nAUTH\r\n{fields}\r\n"


def chunked(text):
    return f"{len(text):x}\r\n{text}\r\n0\r\n\r\n"


def by_hand():
    inner = len(INNER.replace("AUTH", "A" * 10))
    yield from (post(f"Content-Length: {length}\r\n", "hello") + NEXT for length in (5, 4, 0))
    # CL.TE, TE.CL, and both ways round.
    for order in ("CT", "TC"):
        for length in (0, 3, 6, 200):
            fields = {"C": f"Content-Length: {length}\r\n", "T": "Transfer-Encoding: chunked\r\n"}
            yield post("".join(fields[key] for key in order), "0\r\n\r\n" + INNER) + NEXT
            yield post("".join(fields[key] for key in order), chunked("hello")) + NEXT
    # TE.TE by odd spellings.
    for value in ("chunked", " chunked", "Chunked", "CHUNKED", "chunked ", "\tchunked", "\x0bchunked", "chunked\x00", "xchunked",
                  "chunked, identity", "identity, chunked", "identity", "chunked, chunked", "gzip, chunked", "\"chunked\"",
                  "chunked;q=1", "chunked,", ",chunked", "chunk", "cow", "chunKed", "\u212aunked", "chu\u00adnked"):
        yield post(f"Transfer-Encoding: {value}\r\n", chunked("hello")) + NEXT
        yield post(f"Transfer-Encoding: {value}\r\nContent-Length: 5\r\n", "0\r\n\r\n" + INNER) + NEXT
    for name in ("Transfer-Encoding ", " Transfer-Encoding", "Transfer_Encoding", "Transfer-Encoding\t", "transfer-encoding",
                 "X:\nTransfer-Encoding", "X: x\rTransfer-Encoding", "Transfer\x00-Encoding", "Transfer-Encod\u0131ng",
                 "Transfer-Encoding:", "TRANSFER-ENCODING", "Transfer-\r\n Encoding"):
        yield post(f"{name}: chunked\r\n", chunked("hello")) + NEXT
        yield post(f"{name}: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n" + INNER) + NEXT
    yield post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", chunked("hello")) + NEXT
    yield post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunked("hello")) + NEXT
    yield post("Transfer-Encoding:\r\n chunked\r\n", chunked("hello")) + NEXT
    # Content-Length, twice and oddly.
    for values in (("5", "5"), ("5", "0"), ("0", "5"), ("5, 5",), ("5,0",), ("+5",), ("-1",), ("0x5",), ("5 ",), ("05",), ("5.0",),
                   ("5\x00",), ("",), ("18446744073709551621",), ("99999999999999999999999",), ("5;a",), ("\u0665",), ("5 5",),
                   ("1e1",), ("5\r\n ",)):
        yield post("".join(f"Content-Length: {value}\r\n" for value in values), "hello") + NEXT
    for name in ("Content-Length ", " Content-Length", "Content_Length", "Content-Length\x00", "content-length", "Content\u2010Length"):
        yield post(f"{name}: {inner}\r\n", INNER) + NEXT
        yield post(f"{name}: 5\r\nContent-Length: 0\r\n", "hello") + NEXT
    # Line ends, folds, controls.
    yield get().replace("\r\n", "\n") + NEXT
    yield get("X: a\n") + NEXT
    yield get("X: a\rY: b\r\n") + NEXT
    yield get("X: a\r\n b\r\n") + NEXT
    yield get("X: a\r\n\tContent-Length: 5\r\n") + "hello" + NEXT
    yield get("X: a\x00b\r\n") + NEXT
    yield get("X: a\x01b\r\n") + NEXT
    yield get("X: a\x7fb\r\n") + NEXT
    yield get("X: \u00e9\r\n") + NEXT
    yield get("X\r\n") + NEXT
    yield get(": a\r\n") + NEXT
    yield get("X : a\r\n") + NEXT
    yield get("X(): a\r\n") + NEXT
    yield "\r\n" + get() + NEXT
    yield "\r\n\r\n\n" + get() + NEXT
    yield " " + get() + NEXT
    yield get() + "\r\n" + NEXT
    yield get("Connection: close, Content-Length\r\nContent-Length: 5\r\n") + "hello" + NEXT
    yield get("Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n") + chunked("hello") + NEXT
    yield get("Connection: Host\r\n") + NEXT
    yield get("Connection: close\r\n") + NEXT
    yield get("Connection: keep-alive, X\r\nX: y\r\n") + NEXT
    # Request lines.
    for line in ("GET /N/get", "GET  /N/get HTTP/1.1", "GET /N/get  HTTP/1.1", "GET\t/N/get HTTP/1.1", "GET /N/get HTTP/1.1 ",
                 "GET /N/get HTTP/1.2", "GET /N/get HTTP/2.0", "GET /N/get HTTP/0.9", "GET /N/get http/1.1", "GET /N/get HTTP/1.10",
                 "GET /N/get HTTP/01.1", "GET /N/get HTTP/1,1", "get /N/get HTTP/1.1", "GET /N/a b HTTP/1.1", "GET /N/\x00 HTTP/1.1",
                 "GET /N/\u00e9 HTTP/1.1", "GET N/get HTTP/1.1", "GET //N/get HTTP/1.1", "GET /N/../N/x HTTP/1.1", "GET * HTTP/1.1",
                 "OPTIONS /N/x HTTP/1.1", "G(T /N/get HTTP/1.1", "GET /N/get#x HTTP/1.1", "GET /N/%2e%2e/x HTTP/1.1",
                 "GET /N/%00 HTTP/1.1", "GET /N/%zz HTTP/1.1", "GET /N/a\\b HTTP/1.1", "CONNECT a:80 HTTP/1.1", "TRACE /N/x HTTP/1.1",
                 "PRI * HTTP/2.0", "GET /N/a?b=c HTTP/1.1", "GET /N/a?b=/../c HTTP/1.1", "GET ?a HTTP/1.1", "PROPFIND /N/get HTTP/1.1"):
        yield f"{line}\r\nHost: a\r\nAUTH\r\n\r\n" + NEXT
    # Hosts and absolute forms.
    for target, host in (("http://a/N/abs", "a"), ("http://b/N/abs", "a"), ("http://a:80/N/abs", "a"), ("https://a/N/abs", "a"),
                         ("HTTP://A/N/abs", "a"), ("http://a@b/N/abs", "a"), ("http://a?/N/x", "a"), ("ftp://a/N/abs", "a"),
                         ("http:///N/abs", "a"), ("//a/N/abs", "a"), ("http://a/N/abs#x", "a"), ("http://a\\b/N/abs", "a")):
        yield f"GET {target} HTTP/1.1\r\nHost: {host}\r\nAUTH\r\n\r\n" + NEXT
    for hosts in ((), ("a", "b"), ("a", "a"), ("a b",), ("a, b",), ("",), ("a:x",), ("a/b",), ("[::1",), ("a\x00",), ("a@b",), ("a\r\n b",)):
        fields = "".join(f"Host: {host}\r\n" for host in hosts)
        yield f"GET /N/host HTTP/1.1\r\n{fields}AUTH\r\n\r\n" + NEXT
    # HTTP/0.9 and 1.0.
    yield "GET /N/old\r\n"
    yield "GET /N/old\r\n" + NEXT
    yield get(version="HTTP/1.0") + NEXT
    yield get("Connection: keep-alive\r\n", version="HTTP/1.0") + NEXT
    yield post("Transfer-Encoding: chunked\r\n", chunked("hello"), "HTTP/1.0") + NEXT
    yield post("Content-Length: 5\r\nConnection: keep-alive\r\n", "hello", "HTTP/1.0") + NEXT
    yield post("", "hello", "HTTP/1.0") + NEXT
    # Expect.
    for value in ("100-continue", "100-Continue", "200-ok", "100-continue, 100-continue", ""):
        yield post(f"Expect: {value}\r\nContent-Length: 5\r\n", "hello") + NEXT
        yield get(f"Expect: {value}\r\n") + NEXT
    yield post("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", chunked("hello")) + NEXT
    yield post("Expect: 100-continue\r\nContent-Length: 500\r\n", "") + NEXT
    # Bodies where none is usual, and none where one is.
    for method in ("GET", "HEAD", "DELETE", "OPTIONS", "PUT", "PATCH"):
        yield f"{method} /N/body HTTP/1.1\r\nHost: a\r\nAUTH\r\nContent-Length: 5\r\n\r\nhello" + NEXT
        yield f"{method} /N/body HTTP/1.1\r\nHost: a\r\nAUTH\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked("hello") + NEXT
        yield f"{method} /N/body HTTP/1.1\r\nHost: a\r\nAUTH\r\n\r\n" + NEXT
    yield get("Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n") + NEXT
    yield get("Upgrade: websocket\r\nConnection: Upgrade\r\n") + NEXT
    yield get("X-HTTP-Method-Override: DELETE\r\n") + NEXT
    yield get("X-Original-URL: /N/other\r\n") + NEXT
    # What a server says of a response, said in a request.
    yield "HTTP/1.1 100 Continue\r\n\r\n" + get() + NEXT
    yield get() + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + NEXT


def chunk_forms():
    """Chunked bodies: sizes, extensions, ends and trailers, rightly and wrongly."""
    head = "Transfer-Encoding: chunked\r\n"
    bodies = ["5\r\nhello\r\n0\r\n\r\n", "05\r\nhello\r\n0\r\n\r\n", "0000000000000005\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n00\r\n\r\n"]
    for size in ("5 ", " 5", "0x5", "+5", "-5", "5h", "", "5\x00", "g", "5.", "5_0", "\u0665", "FFFFFFFFFFFFFFFF", "10000000000000005",
                 "5\t", "5\x0b", "7fffffffffffffff", "4", "6", "3"):
        bodies.append(f"{size}\r\nhello\r\n0\r\n\r\n")
    for extension in (";a=b", ";a", ";a=\"b\"", ";", "; a = b", ";a=\"\r\n\"", ";a\nb", ";a\rb", ";\x00", ";a=b;c=d", " ;a", ";a=\"0\r\n\r\n\""):
        bodies.append(f"5{extension}\r\nhello\r\n0\r\n\r\n")
        bodies.append(f"5\r\nhello\r\n0{extension}\r\n\r\n")
    for size, data, last in itertools.product(("\r\n", "\n", "\r", ""), ("\r\n", "\n", "\r", "xx", ""), ("\r\n", "\n", "\r")):
        bodies.append(f"5{size}hello{data}0{last}{last}")
    for trailer in ("X: y\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Host: b\r\n", "X\r\n", "X: a\n", " X: y\r\n",
                    "Authorization: Bearer x\r\n", "X: a\r\n b\r\n", "GET /N/smuggled HTTP/1.1\r\n", "Content-Type: a/b\r\n"):
        bodies.append(f"5\r\nhello\r\n0\r\n{trailer}\r\n")
    for body in bodies:
        yield post(head, body) + NEXT
    # Cut, and closed.
    for body in ("5\r\nhel", "5\r\nhello\r\n", "5\r\nhello\r\n0\r\n", "5", ""):
        yield post(head, body)


def generated(count, seed=7):
    """Lines in any order, with something odd in one of them."""
    choice = random.Random(seed)
    pool = ["Content-Length: 5", "Content-Length: 0", "Transfer-Encoding: chunked", "Connection: keep-alive", "X: y", "Expect: 100-continue",
            "TE: trailers", "Trailer: X", "Content-Type: text/plain", "Accept: */*", "Connection: close", "Keep-Alive: timeout=1"]
    odd = ["\x00", "\r", "\n", "\t", " ", "\x0b", ",", ";", ":", "\r\n ", "\u00a0", "\x7f"]
    for _ in range(count):
        lines = choice.sample(pool, choice.randint(1, 4))
        if choice.random() < 0.7:
            at = choice.randrange(len(lines))
            place = choice.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:place] + choice.choice(odd) + lines[at][place:]
        body = choice.choice(["hello", chunked("hello"), "", "0\r\n\r\n" + INNER, INNER])
        yield post("".join(line + "\r\n" for line in lines), body) + NEXT


def cases():
    return list(by_hand()) + list(chunk_forms()) + list(generated(150))

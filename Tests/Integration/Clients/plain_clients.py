"""Asks a service by requests and aiohttp: ranges, uploads, streams. Prints what came of it, the same whatever is in between.

usage: plain_clients.py URL. TOKEN: the client's token.
"""
import asyncio
import hashlib
import io
import json
import os
import sys

import aiohttp
import requests

URL = sys.argv[1]
HEADERS = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
BIG = b"0123456789abcdef" * 200_000


def shown(status, headers, body):
    kept = {name: headers.get(name) for name in ("Content-Type", "ETag", "Content-Range", "Location", "Set-Cookie", "Accept-Ranges")}
    return {"status": status, "length": len(body), "digest": hashlib.sha256(body).hexdigest(), **kept,
            "body": body.decode() if len(body) < 500 and status != 206 else ""}


def by_requests():
    with requests.Session() as session:
        session.headers.update(HEADERS)
        ask = lambda method, path, **more: (lambda got: shown(got.status_code, got.headers, got.content))(
            session.request(method, URL + path, timeout=30, **more))
        yield ask("GET", "/file")
        for asked in ("bytes=0-9", "bytes=-5", "bytes=1000000-", "bytes=9999999-"):
            yield ask("GET", "/file", headers={"Range": asked})
        yield ask("GET", "/file", headers={"If-None-Match": '"v1"'})
        yield ask("HEAD", "/file")
        yield ask("GET", "/moved")
        yield ask("GET", "/none")
        yield ask("POST", "/up", json={"a": ["é", 1, None]}, headers={"X-Custom": "x, y"})
        yield ask("PUT", "/up", data=BIG)
        yield ask("PATCH", "/up", data=(BIG[at:at + 70_001] for at in range(0, len(BIG), 70_001)))
        yield ask("POST", "/up", data={"a": "b c&d", "e": "é"})
        yield ask("POST", "/up", files={"file": ("a.bin", io.BytesIO(BIG), "application/octet-stream"), "more": (None, "text")})
        yield ask("DELETE", "/up")
        with session.get(URL + "/stream", stream=True, timeout=30) as got:
            yield {"lines": sum(1 for _ in got.iter_lines()), "status": got.status_code}


async def by_aiohttp():
    results = []
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        async def ask(method, path, **more):
            async with session.request(method, URL + path, **more) as got:
                return shown(got.status, got.headers, await got.read())

        async def pieces():
            for at in range(0, len(BIG), 123_457):
                yield BIG[at:at + 123_457]

        results.append(await ask("GET", "/file", headers={"Range": "bytes=5-104", "If-Range": '"v1"'}))
        results.append(await ask("POST", "/up", data=pieces()))
        form = aiohttp.FormData()
        form.add_field("file", BIG, filename="a.bin", content_type="application/octet-stream")
        results.append(await ask("POST", "/up", data=form))
        results.append(await ask("PUT", "/up", data=b"", expect100=True))
        results.append(await ask("PUT", "/up", data=BIG, expect100=True))
        async with session.get(URL + "/stream") as got:
            results.append({"lines": len([line async for line in got.content]), "status": got.status})
        results += await asyncio.gather(*(ask("GET", "/file", headers={"Range": f"bytes={at}-{at}"}) for at in range(100)))
    return results


print(json.dumps({"requests": list(by_requests()), "aiohttp": asyncio.run(by_aiohttp())}, indent=1, sort_keys=True))

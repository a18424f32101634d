"""Asks services through the forward proxy of its environment, as programs do that know nothing of it but its variables.

usage: egress_client.py PLAIN OPENED NAMED: their ports. Prints a line of JSON: what each library was told by each.
"""
import asyncio
import json
import sys

import aiohttp
import httpx
import requests

plain, opened, named = sys.argv[1:4]
URLS = {
    "plain": f"http://localhost:{plain}/v1/customers/7",
    "opened": f"https://localhost:{opened}/v1/customers/7",
    "named": f"https://localhost:{named}/v1/customers/7",
    "denied": f"https://localhost:{opened}/v2/customers/7",
}
results = {}


def note(library, kind, status, text):
    results[f"{library} {kind}"] = [status, text]


with requests.Session() as session:
    for kind, url in URLS.items():
        answer = session.get(url, timeout=20)
        note("requests", kind, answer.status_code, answer.text)
    answer = session.post(URLS["opened"], json={"card": "4539 1488 0343 6467"}, timeout=20)
    note("requests", "card", answer.status_code, answer.text)
    try:
        answer = session.get("https://localhost:25/", timeout=20)
        note("requests", "port", answer.status_code, answer.text)
    except requests.exceptions.ProxyError as error:
        note("requests", "port", 403 if "403" in str(error) else 0, "")

with httpx.Client(timeout=20) as client:
    for kind, url in URLS.items():
        answer = client.get(url)
        note("httpx", kind, answer.status_code, answer.text)


async def ask():
    async with aiohttp.ClientSession(trust_env=True) as session:
        for kind, url in URLS.items():
            async with session.get(url) as answer:
                note("aiohttp", kind, answer.status, await answer.text())


asyncio.run(ask())
print(json.dumps(results))

"""Asks sixty times at once over one connection of HTTP/2, by prior knowledge, and prints what came as JSON.

usage: TOKEN=… http2_streams.py URL
"""
import asyncio
import collections
import json
import os
import sys

import httpx


async def main():
    headers = {"Authorization": "Bearer " + os.environ["TOKEN"]}
    limits = httpx.Limits(max_connections=1)
    async with httpx.AsyncClient(http1=False, http2=True, headers=headers, limits=limits, timeout=60) as client:
        answers = await asyncio.gather(*(client.get(f"{sys.argv[1]}/v1/customers/{number}") for number in range(60)))
    print(json.dumps({
        "statuses": collections.Counter(answer.status_code for answer in answers),
        "versions": sorted({answer.http_version for answer in answers}), "bodies": sorted({answer.text for answer in answers}),
    }))


asyncio.run(main())

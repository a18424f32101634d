"""Asks over one connection of HTTP/2 until it is refused, and then several times at once, over streams that the connection never had; prints what
came as JSON.

usage: TOKEN=… http2_reload.py URL
"""
import asyncio
import json
import os
import sys
import time

import httpx


async def main():
    headers = {"Authorization": "Bearer " + os.environ["TOKEN"]}
    limits = httpx.Limits(max_connections=1)
    async with httpx.AsyncClient(http1=False, http2=True, headers=headers, limits=limits, timeout=60) as client:
        url = f"{sys.argv[1]}/v1/customers/7"
        first = await client.get(url)
        print(json.dumps({"first": first.status_code}), flush=True)
        end = time.monotonic() + 40
        while (await client.get(url)).status_code == first.status_code and time.monotonic() < end:
            await asyncio.sleep(0.1)
        later = await asyncio.gather(*(client.get(url) for _ in range(6)))
        print(json.dumps({"later": sorted({answer.status_code for answer in later})}), flush=True)


asyncio.run(main())

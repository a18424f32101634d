"""Asks a service through a sidecar by httpx, as programs do: one client, kept connections, several threads.

usage: http_client.py URL. TOKEN: the client's token. Prints what it got as JSON.
"""
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx


def main():
    headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
    with httpx.Client(base_url=sys.argv[1], headers=headers, timeout=30) as client:
        customer = client.get("/v1/customers/7").json()
        with client.stream("GET", "/v1/large") as response:
            large = json.loads(b"".join(response.iter_bytes()))
        created = client.post("/v1/orders", json={"tea": "green"})
        refused = client.post("/v1/orders", json={"who": "283-68-4467"})
        with ThreadPoolExecutor(8) as pool:
            many = list(pool.map(lambda number: client.get(f"/v1/customers/{number}").status_code, range(64)))
    print(json.dumps({
        "customer": customer, "large": len(large), "last": large[-1], "created": created.status_code,
        "refused": refused.status_code, "problem": refused.json(), "many": sorted(set(many)),
    }))


if __name__ == "__main__":
    main()

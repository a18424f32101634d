"""Asks an MCP server what the sidecar before it lets pass, by the official SDK, and prints what came as JSON.

usage: mcp_client.py URL MODE | stdio MODE COMMAND...
"""
import asyncio
import json
import os
import sys

import httpx2
import mcp.types as types
from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

asked = []


async def elicited(context, params):
    asked.append(getattr(params, "message", ""))
    return types.ElicitResult(action="accept", content={"answer": "hunter2"})


async def attempt(out, name, call):
    try:
        result = await call
        out[name] = result.model_dump(mode="json", by_alias=True)
    except MCPError as error:
        out[name] = {"code": error.code, "message": error.error.message, "data": error.error.data}
    except Exception as error:  # what a client makes of an answer is part of the answer
        out[name] = {"failed": f"{type(error).__name__}: {error}"}


async def main():
    out = {}
    options = {"mode": sys.argv[2], "elicitation_callback": elicited, "read_timeout_seconds": 20}
    if sys.argv[1] == "stdio":
        server = StdioServerParameters(command=sys.argv[3], args=sys.argv[4:], env=dict(os.environ))
        await run(Client(server, **options), out)
    else:
        headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
        async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
            await run(Client(streamable_http_client(sys.argv[1], http_client=http), **options), out)
    out["asked"] = asked
    print(json.dumps(out))


async def run(client, out):
    async with client:
        out["version"] = str(client.protocol_version)
        out["instructions"] = client.instructions
        await attempt(out, "tools", client.list_tools())
        await attempt(out, "find", client.call_tool("find_customer", {"query": "Imogen"}))
        await attempt(out, "ticket", client.call_tool("create_ticket", {"project": "OPS-1", "amount": 7}))
        await attempt(out, "wrong", client.call_tool("create_ticket", {"project": "HR-1", "amount": 7}))
        await attempt(out, "leak", client.call_tool("create_ticket", {"project": "OPS-1", "amount": 7, "text": "283-68-4467"}))
        await attempt(out, "delete", client.call_tool("delete_all", {}))
        await attempt(out, "report", client.call_tool("report", {}))
        await attempt(out, "ask", client.call_tool("ask", {}))
        await attempt(out, "resources", client.list_resources())
        await attempt(out, "prices", client.read_resource("docs://public/prices"))
        await attempt(out, "salaries", client.read_resource("docs://secret/salaries"))
        await attempt(out, "prompts", client.list_prompts())
        await attempt(out, "greet", client.get_prompt("greet", {"who": "Ann"}))


asyncio.run(main())

"""Clients that upload without end, in a process of their own: what they cost does not delay who measures.

`python -m benchmarks.subjects.edge_uploads URL CLIENTS BYTES` prints a line once each has had its first answer.
"""

from __future__ import annotations

import asyncio
import sys

import aiohttp

from benchmarks.subjects.payloads import payload


async def _upload(url: str, clients: int, size_bytes: int) -> None:
    data = payload(size_bytes)

    async def post(session: aiohttp.ClientSession) -> None:
        async with session.post(f"{url}/digest", data=data) as response:
            assert response.status == 200, await response.text()

    async def upload(session: aiohttp.ClientSession) -> None:
        while True:
            await post(session)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(post(session) for _ in range(clients)))
        print("uploading", flush=True)
        await asyncio.gather(*(upload(session) for _ in range(clients)))


if __name__ == "__main__":
    asyncio.run(_upload(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))

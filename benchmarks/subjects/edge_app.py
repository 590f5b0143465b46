"""The app behind the local edge in its benchmark: a digest of each POST, and server-sent events that carry their time.

`python -m benchmarks.subjects.edge_app [PORT]` prints the port that it listens on.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import time
from contextlib import suppress

from aiohttp import web

EVENT_PAUSE_S = 0.01


async def _digest(request: web.Request) -> web.Response:
    return web.Response(text=hashlib.sha256(await request.read()).hexdigest())


async def _events(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-type": "text/event-stream", "cache-control": "no-store"})
    await response.prepare(request)
    with suppress(ConnectionResetError):  # who reads may leave
        for _ in range(int(request.query["count"])):
            # The monotonic clock is one for all processes of a machine.
            await response.write(f"data: {time.perf_counter_ns()}\n\n".encode())
            await asyncio.sleep(EVENT_PAUSE_S)
    return response


async def _serve() -> None:
    app = web.Application(client_max_size=8 * 1024 * 1024)
    app.add_routes([web.post("/digest", _digest), web.get("/events", _events)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())

"""A soak of the local edge: mixed load, aborts, malformed requests, killed functions, app restarts. Not in CI.

`python -m benchmarks.soak --minutes 5` prints what was sent, answered and wrong, with the edge's memory and
descriptors, and exits with 1 where anything is wrong or grows.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import hashlib
import json
import os
import random
import signal
import sys
import time
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from benchmarks.subjects.edge_processes import first_line, running_edge_process

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

SEED = 20261121
CLIENTS = 8
SIZES = (0, 1, 17, 1024, 65_536, 500_000, 1_048_576, 1_048_577, 1_300_000)
DELIVERED_LIMIT_BYTES = 1_048_576
MALFORMED = (
    b"\x16\x03\x01\x02\r\n\r\n",
    b"GET /x HTTP/1.1\nHost: a\n\n",
    b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
)
WARM_UP_S = 15.0
SETTLE_S = 3.0
RSS_GROWTH_LIMIT_BYTES = 48 * 1024 * 1024  # what 200 remembered requests and the allocator may hold
DESCRIPTOR_GROWTH_LIMIT = 8
_TIMEOUT = aiohttp.ClientTimeout(total=60)


class Soak:
    """One run against one edge; `troubled` is set while the app or a function is being replaced."""

    def __init__(self, edge: str, pid: int) -> None:
        self.edge, self.pid = edge, pid
        self.counts: collections.Counter[str] = collections.Counter()
        self.wrong: list[str] = []
        self.troubled_until = 0.0
        self.ends_at = 0.0
        self._random = random.Random(SEED)  # noqa: S311 - the same load each time

    def trouble(self, seconds: float) -> None:
        """Note that for so long an answer of CloudFront's for a missing app or function is right."""
        self.troubled_until = max(self.troubled_until, time.monotonic() + seconds)

    def check(self, what: str, status: int, expected: int, began: float) -> None:
        """Count an answer, and note a wrong one."""
        self.counts["answered"] += 1
        if status == expected or (status in {502, 503} and began < self.troubled_until):
            return
        self.wrong.append(f"{what}: {status}, not {expected}")

    async def post(self, session: aiohttp.ClientSession) -> None:
        """Send a body of some size, and check the app's digest of it."""
        size = self._random.choice(SIZES)
        data = self._random.randbytes(size)
        digest = hashlib.sha256(data).hexdigest()
        headers = {"x-amz-content-sha256": digest} if self._random.random() < 0.3 else {}
        expected = 413 if size > DELIVERED_LIMIT_BYTES and not headers else 200
        began = time.monotonic()
        async with session.post(f"{self.edge}/digest", data=data, headers=headers) as answer:
            text = await answer.text()
            self.check(f"POST of {size} bytes", answer.status, expected, began)
            if answer.status == 200 and text != digest:
                self.wrong.append(f"POST of {size} bytes: another digest")

    async def stream(self, session: aiohttp.ClientSession) -> None:
        """Read server-sent events to their end, or leave in the middle."""
        count, leave = 20, self._random.random() < 0.3
        began, seen = time.monotonic(), 0
        with suppress(aiohttp.ClientPayloadError):
            async with session.get(f"{self.edge}/events", params={"count": count}) as answer:
                self.check("events", answer.status, 200, began)
                async for line in answer.content:
                    seen += line.startswith(b"data: ")
                    if leave and seen > 3:
                        return
                if answer.status == 200 and seen == count:
                    return
        if began >= self.troubled_until and time.monotonic() >= self.troubled_until:
            self.wrong.append(f"events: {seen} of {count}")

    async def malformed(self, _: aiohttp.ClientSession) -> None:
        """Send what is not HTTP; 400 and the end of the connection."""
        reader, writer = await self._connect()
        writer.write(self._random.choice(MALFORMED))
        answer = await reader.read()
        self.check("malformed", int(answer.split(b" ", 2)[1]), 400, time.monotonic())
        writer.close()

    async def abort(self, _: aiohttp.ClientSession) -> None:
        """Hang up in the middle of an upload."""
        writer = (await self._connect())[1]
        writer.write(b"POST /digest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n" + bytes(30_000))
        await writer.drain()
        writer.transport.abort()

    async def client(self) -> None:
        """Do one thing after the other until the end."""
        kinds = (self.post, self.post, self.post, self.stream, self.malformed, self.abort)
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            while time.monotonic() < self.ends_at:
                self.counts["sent"] += 1
                kind = self._random.choice(kinds)
                try:
                    await kind(session)
                except (aiohttp.ClientError, OSError, TimeoutError) as error:
                    self.wrong.append(f"{kind.__name__}: {error!r}")

    async def kill_functions(self) -> None:
        """Kill a function's process now and then."""
        while time.monotonic() < self.ends_at:
            await asyncio.sleep(7)
            if children := self.children():
                self.trouble(5)
                self.counts["killed"] += 1
                with suppress(ProcessLookupError):
                    os.kill(self._random.choice(children), signal.SIGKILL)

    def children(self) -> list[int]:
        """Return the ids of the edge's function processes."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def usage(self) -> tuple[int, int]:
        """Return the edge's resident bytes and open descriptors."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE"), len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", int(self.edge.rpartition(":")[2]))


@asynccontextmanager
async def restarted_app(port: int, soak: Callable[[], Soak | None]) -> AsyncIterator[None]:
    """Run the app on a port, and start it anew now and then."""

    async def run() -> None:
        while True:
            async with first_line("-m", "benchmarks.subjects.edge_app", str(port)):
                started.set()
                await asyncio.sleep(20)
                if (running := soak()) is not None:
                    running.trouble(15)
                    running.counts["app restarts"] += 1

    started = asyncio.Event()
    task = asyncio.create_task(run())
    await started.wait()
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def soak(minutes: float) -> bool:
    """Run it, print what came of it, and say whether all was well."""
    running: list[Soak] = []
    port = 18_000 + os.getpid() % 2_000
    async with (
        restarted_app(port, lambda: running[0] if running else None),
        running_edge_process(f"http://127.0.0.1:{port}") as (edge, pid),
    ):
        run = Soak(edge, pid)
        running.append(run)
        await _load(run, WARM_UP_S)
        before = run.usage()
        await _load(run, minutes * 60)
        after = run.usage()
    grown = after[0] - before[0], after[1] - before[1]
    document = {
        **run.counts,
        "wrong": len(run.wrong),
        "first_wrong": run.wrong[:10],
        "rss_bytes": [before[0], after[0]],
        "descriptors": [before[1], after[1]],
    }
    print(json.dumps(document, indent=2))
    return not run.wrong and grown[0] <= RSS_GROWTH_LIMIT_BYTES and grown[1] <= DESCRIPTOR_GROWTH_LIMIT


async def _load(run: Soak, seconds: float) -> None:
    run.ends_at = time.monotonic() + seconds
    work: list[Coroutine[None, None, None]] = [run.client() for _ in range(CLIENTS)]
    await asyncio.gather(*work, run.kill_functions())
    await asyncio.sleep(SETTLE_S)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    sys.exit(0 if asyncio.run(soak(parser.parse_args().minutes)) else 1)


if __name__ == "__main__":
    main()

"""The local edge: requests a second and latency next to the bare app's, and the delay of server-sent events."""

from __future__ import annotations

import asyncio
import hashlib
import statistics
import time
from typing import TYPE_CHECKING, Any

import aiohttp

from benchmarks.stats import percentile
from benchmarks.subjects.edge_app import EVENT_PAUSE_S
from benchmarks.subjects.edge_processes import first_line, running_app, running_edge
from benchmarks.subjects.payloads import payload

if TYPE_CHECKING:
    from benchmarks.progress import Progress
    from benchmarks.scale import Scale

LOADS = ((1024, 1), (1024, 4), (1024, 16), (1024, 128), (500_000, 1), (500_000, 16))  # bytes, connections
UPLOADERS = 8
UPLOAD_BYTES = 1_000_000
_TURNS = 3
_TIMEOUT = aiohttp.ClientTimeout(total=30)


async def measure(scale: Scale, progress: Progress) -> dict[str, Any]:
    """Return latencies and requests a second of the bare app and of the edge, in turns, and SSE delays."""
    async with running_app() as app, running_edge(app) as edge:
        servers = {"app": app, "edge": edge}
        await _load(edge, 1024, connections=4, duration_s=scale.edge_s)  # warm: the function's processes have started
        loads = []
        for body_bytes, connections in LOADS:
            runs: dict[str, list[list[float]]] = {name: [] for name in servers}
            for turn in range(_TURNS):
                for name, url in servers.items():
                    progress.step(f"{name}, {body_bytes} bytes, {connections} connections, turn {turn + 1} of {_TURNS}")
                    duration_s = scale.edge_s / _TURNS
                    runs[name].append(await _load(url, body_bytes, connections=connections, duration_s=duration_s))
            load = {"body_bytes": body_bytes, "connections": connections}
            loads.append(load | {name: _summary(of) for name, of in runs.items()})
        progress.step("server-sent events")
        count = max(5, round(scale.edge_s / EVENT_PAUSE_S / 2))
        delays = {name: await _event_delays(url, count) for name, url in servers.items()}
        progress.step(f"server-sent events beside {UPLOADERS} uploads")
        delays |= {f"{name}_under_load": await _delays_beside_uploads(url, count) for name, url in servers.items()}
    return {"loads": loads, "events": {name: _delays(of) for name, of in delays.items()}}


async def _load(url: str, body_bytes: int, *, connections: int, duration_s: float) -> list[float]:
    """Return the latency of each request that so many clients send one after the other; the last entry is the time."""
    data = payload(body_bytes)
    digest = hashlib.sha256(data).hexdigest()
    latencies: list[float] = []
    began = time.perf_counter()

    async def client(session: aiohttp.ClientSession) -> None:
        while not latencies or time.perf_counter() - began < duration_s:
            sent = time.perf_counter()
            async with session.post(f"{url}/digest", data=data) as response:
                answer = await response.text()
            latencies.append(time.perf_counter() - sent)
            assert (response.status, answer) == (200, digest), f"{response.status}: {answer}"

    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT) as session:
        await asyncio.gather(*(client(session) for _ in range(connections)))
    return [*latencies, time.perf_counter() - began]


def _summary(runs: list[list[float]]) -> dict[str, Any]:
    latencies = [latency for run in runs for latency in run[:-1]]
    return {
        "requests_per_s": [(len(run) - 1) / run[-1] for run in runs],
        "p50_s": statistics.median(latencies),
        "p90_s": percentile(latencies, 0.9),
    }


async def _delays_beside_uploads(url: str, count: int) -> list[float]:
    """Return the delays of events while so many clients upload a megabyte each, one after the other."""
    uploads = ("-m", "benchmarks.subjects.edge_uploads", url, str(UPLOADERS), str(UPLOAD_BYTES))
    async with first_line(*uploads) as (_, process):
        delays = await _event_delays(url, count)
        assert process.returncode is None, "an upload failed"
    return delays


async def _event_delays(url: str, count: int) -> list[float]:
    """Return how long each event took from the app's clock reading to us."""
    delays = []
    async with (
        aiohttp.ClientSession(timeout=_TIMEOUT) as session,
        session.get(f"{url}/events", params={"count": count}) as response,
    ):
        assert response.status == 200
        async for line in response.content:
            came_ns = time.perf_counter_ns()
            if line.startswith(b"data: "):
                delays.append((came_ns - int(line[6:])) / 1e9)
    assert len(delays) == count
    return delays


def _delays(delays: list[float]) -> dict[str, float]:
    return {
        "p50_s": statistics.median(delays),
        "p90_s": percentile(delays, 0.9),
        "p99_s": percentile(delays, 0.99),
        "max_s": max(delays),
    }

"""The two servers of the local edge's benchmark: the bare app, and `edge-hasher local` in front of it."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from benchmarks.subjects.contenders import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_START_TIMEOUT_S = 30.0
_END_TIMEOUT_S = 10.0
_EDGE_HASHER = ("-c", "from edge_hasher.cli import main; main()")


@asynccontextmanager
async def running_app() -> AsyncIterator[str]:
    """Give the address of the bare app."""
    async with first_line("-m", "benchmarks.subjects.edge_app") as (line, _):
        yield f"http://127.0.0.1:{line.strip()}"


@asynccontextmanager
async def running_edge(origin: str) -> AsyncIterator[str]:
    """Give the address of a local edge in front of `origin`, as its users start it."""
    async with running_edge_process(origin) as (address, _):
        yield address


@asynccontextmanager
async def running_edge_process(origin: str) -> AsyncIterator[tuple[str, int]]:
    """Give the address of a local edge in front of `origin`, and its process's id."""
    options = ("--origin", origin, "--invoke-mode", "RESPONSE_STREAM", "--port", "0", "--log-format", "json")
    async with first_line(*_EDGE_HASHER, "local", *options) as (line, process):
        yield json.loads(line)["ready"], process.pid


@asynccontextmanager
async def first_line(*command: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """Start a Python program and give its first line and its process; what follows is read and dropped."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), _START_TIMEOUT_S)
        assert line, f"{command[:2]} did not start"
        drain = asyncio.create_task(_drop(process.stdout))
        yield line.decode(), process
        drain.cancel()
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _END_TIMEOUT_S)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _drop(stream: asyncio.StreamReader) -> None:
    while await stream.read(65_536):
        pass

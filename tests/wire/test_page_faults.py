"""What a large body costs the process beyond hashing: memory that is given back must be faulted in again."""

import asyncio
import base64
import json
import sys
from pathlib import Path

import pytest

from edge_hasher.local.own_function import own_function
from edge_hasher.local.runtime import FunctionPool
from tests.support.golden import cases

# The event's own text is read into memory that stays; without that, one megabyte is some 440 faults (measured).
FAULT_LIMIT = 50
ROUNDS = 5
_FIELDS_BEFORE_FAULTS = 7  # after the command's name, proc(5): state ppid pgrp session tty_nr tpgid flags, then minflt


def minor_faults(pid: int) -> int:
    """The page faults of a process that needed no disk, so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[_FIELDS_BEFORE_FAULTS])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="page faults are read from /proc")
def test_a_large_body_takes_no_new_memory() -> None:
    """A process that is warm hashes a 1 MB body in memory that it has, after small requests too."""
    events = {case.name: case.event for case in cases()}
    large = events["11-post-json"]
    large["Records"][0]["cf"]["request"]["body"]["data"] = base64.b64encode(bytes(1_000_000)).decode()
    large["Records"][0]["cf"]["request"]["headers"].pop("content-length")
    large_event, small_event = json.dumps(large).encode(), json.dumps(events["18-get"]).encode()

    async def faults() -> list[int]:
        counts = []
        async with FunctionPool(own_function()) as pool:
            for _ in range(ROUNDS * 2):  # the first half warms up
                await pool.invoke(small_event)
                await pool.usage()  # waits until it is ready again
                before = minor_faults(pool.pids[0])
                await pool.invoke(large_event)
                await pool.usage()
                counts.append(minor_faults(pool.pids[0]) - before)
        return counts[ROUNDS:]

    assert sorted(asyncio.run(faults()))[ROUNDS // 2] < FAULT_LIMIT

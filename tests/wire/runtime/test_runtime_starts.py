"""Functions that cannot start under the runtime driver, and why."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest

from tests.wire.runtime.driven import echoes, failure_of, pool_of, serve, start_failure

if TYPE_CHECKING:
    from pathlib import Path

    from edge_hasher.local.runtime import FunctionPool

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the driver uses process groups: Linux and macOS")


@pytest.mark.parametrize(
    ("source", "handler", "error_type", "message"),
    [
        ("import no_such_thing", "bad.handler", "Runtime.ImportModuleError", "No module named 'no_such_thing'"),
        ("def broken(:\n", "bad.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'bad'"),
        ("x = 1", "bad.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'bad'"),
        ("x = 1", "handler", "Runtime.MalformedHandlerName", "Bad handler 'handler'"),
        ("1 / 0", "bad.handler", "ZeroDivisionError", "division by zero"),
    ],
)
def test_function_that_cannot_be_loaded_says_why(
    tmp_path: Path, source: str, handler: str, error_type: str, message: str
) -> None:
    """Import, syntax, a missing handler, a throw at import: reported in the function's own words, nothing left."""
    (tmp_path / "bad.py").write_text(source)
    failure = start_failure(tmp_path, handler=handler)
    assert failure.error_type == error_type
    assert message in failure.message


def test_throw_at_import_comes_with_its_trace(tmp_path: Path) -> None:
    """The stack of a failed start points into the function's module."""
    (tmp_path / "bad.py").write_text("def divide():\n    return 1 / 0\n\ndivide()\n")
    assert "in divide" in start_failure(tmp_path, handler="bad.handler").stack_trace[-1]


def test_process_that_exits_at_import_is_told_with_status_and_log(tmp_path: Path) -> None:
    """A module that ends the process is a failed start, with what it wrote."""
    (tmp_path / "bad.py").write_text("import os\nprint('bye')\nos._exit(5)\n")
    failure = start_failure(tmp_path, handler="bad.handler")
    assert failure.exit_status == 5
    assert failure.log == ("bye",)


def test_start_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """A module that never finishes its import is killed at the init timeout."""
    (tmp_path / "bad.py").write_text("import time\nprint('loading')\ntime.sleep(60)\n")
    failure = start_failure(tmp_path, handler="bad.handler", init_timeout_s=0.5)
    assert "did not ask for its first event within 0.5 s" in failure.message
    assert failure.log == ("loading",)


def test_missing_root_and_interpreter_are_told(tmp_path: Path) -> None:
    """A root that is no directory and an interpreter that is not there are failed starts that name them."""
    assert "nowhere is not a directory" in start_failure(tmp_path / "nowhere").message
    assert "no Python interpreter 'python-none'" in start_failure(tmp_path, python="python-none").message


def test_function_that_crashes_at_every_start_is_not_started_in_a_loop(root: Path) -> None:
    """One start per invocation that needs it, whose caller gets the reason; once fixed, the pool serves again."""

    async def scenario(pool: FunctionPool) -> None:
        assert (await failure_of(pool, {"do": "vanish", "break": True})).kind == "crashed"
        for starts in (2, 3):
            failure = await failure_of(pool, {"do": "echo"})
            assert (failure.kind, failure.message) == ("could not start", "broken at start")
            await asyncio.sleep(0.2)
            assert len((root / "starts").read_text()) == starts
        (root / "broken").unlink()
        assert await echoes(pool)

    serve(pool_of(root), scenario)

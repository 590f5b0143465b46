"""The local edge end to end: a handler under work is restarted when its files change, and nobody notices."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from edge_hasher.local.config import HandlerApp
from tests.support.edge.edge_fixtures import handler_spec, running_edge
from tests.support.edge.raw_http import ask, request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.edge.edge_fixtures import Running

WAIT_S = 30
SLOW = "/slow"
FUNCTION = """
import time

def answer(event, context):
    if event["Records"][0]["cf"]["request"]["uri"] == "/slow":
        time.sleep(2)
    return {"status": "200", "body": "BODY"}
"""
APP = """
def handler(event, context):
    return {"statusCode": 200, "body": "BODY"}
"""


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for it."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def body(edge: Running, target: str = "/") -> bytes:
    """Ask for what the function says."""
    answer = ask(edge.port, request("GET", target))
    assert answer.status == 200
    return answer.body


def told(edge: Running) -> str:
    """Read what the inspector says of the reload."""
    answer = ask(edge.port, b"GET /__edge/requests HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return str(json.loads(answer.body)["about"].get("Reload", ""))


def test_a_function_is_reloaded(tmp_path: Path) -> None:
    """New code serves soon; what was in flight ends with the old, and no request fails."""
    spec = handler_spec(tmp_path, FUNCTION.replace("BODY", "one"))
    with running_edge(function=spec, reload=True, processes=2) as edge, ThreadPoolExecutor(1) as pool:
        assert body(edge) == b"one"
        slow = pool.submit(body, edge, SLOW)
        edge.wait_for_begin(SLOW)
        handler_spec(tmp_path, FUNCTION.replace("BODY", "two"))
        until(lambda: body(edge) == b"two", "the new code does not serve")
        assert slow.result() == b"one"
        until(lambda: "the new code serves" in told(edge), "the inspector does not say so")


def test_code_that_does_not_start_changes_nothing(tmp_path: Path) -> None:
    """With a syntax error the old code serves on, log and inspector show the error, and the next good code serves."""
    spec = handler_spec(tmp_path, FUNCTION.replace("BODY", "one"))
    with running_edge(function=spec, reload=True, processes=3) as edge:
        assert body(edge) == b"one"
        handler_spec(tmp_path, "def answer(:\n")
        until(lambda: "does not start" in told(edge), "the inspector does not show the error")
        assert "SyntaxError" in told(edge) or "invalid syntax" in told(edge)
        assert body(edge) == b"one"
        assert any("The code before the change serves on" in line for line in edge.log)
        errors = [line for line in edge.log if "UserCodeSyntaxError" in line]
        # Once, not once a process; the next reload may have begun.
        assert len(errors) <= len([line for line in edge.log if "does not start" in line]) + 1
        handler_spec(tmp_path, FUNCTION.replace("BODY", "three"))
        until(lambda: body(edge) == b"three", "the good code does not serve")


def test_an_app_is_reloaded_too(tmp_path: Path) -> None:
    """The same for --app; and nothing of it without --reload."""
    (tmp_path / "my_app.py").write_text(APP.replace("BODY", "one"))
    app = HandlerApp(tmp_path, "my_app.handler")
    with (
        running_edge(function=None, app=app, reload=True) as edge,
        running_edge(function=None, app=app, reload=False) as still,
    ):
        assert body(edge) == body(still) == b"one"
        (tmp_path / "my_app.py").write_text(APP.replace("BODY", "two"))
        until(lambda: body(edge) == b"two", "the new code does not serve")
        assert body(still) == b"one"

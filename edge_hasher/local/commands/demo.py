"""`edge-hasher demo`: the example agent behind two edges, one with the function and one without."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import edge_hasher
from edge_hasher.local.commands.demo_story import Story
from edge_hasher.local.commands.local import ended_by_signal
from edge_hasher.local.config import ConfigError, EdgeConfig, HttpApp
from edge_hasher.local.serving.local_edge import LocalEdge

if TYPE_CHECKING:
    import signal
    from collections.abc import AsyncIterator, Callable

    from edge_hasher.local.runtime import FunctionSpec

_EXAMPLE = Path("examples", "streaming-agent")
_EXAMPLE_IN_THE_WHEEL = Path("local", "example")
_PACKAGES = ("python_multipart", "starlette", "uvicorn")
"""What the example app imports: the extra `demo`."""
_START_TIMEOUT_S = 20.0
_STOP_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """What to run: the app, the function, the port of the edge with it, and whether to end after the story."""

    example: Path
    function: FunctionSpec
    port: int = 0
    once: bool = False


async def demo(options: DemoOptions, *, echo: Callable[[str], None]) -> bool | signal.Signals:
    """Run the story and, unless `once`, serve the page until SIGINT or SIGTERM; True when all went as it should.

    The signal, when one came before the story's end.
    Raises ConfigError when something cannot start.
    """
    ended = ended_by_signal()
    async with (
        example_app(options.example) as app,
        LocalEdge(EdgeConfig(app=app, function=None)) as without,  # no log: the story is what is printed
        LocalEdge(EdgeConfig(app=app, function=options.function, port=options.port)) as with_function,
    ):
        story = asyncio.create_task(Story(with_function, without, echo).tell())
        await asyncio.wait({story, asyncio.create_task(ended.wait())}, return_when=asyncio.FIRST_COMPLETED)
        if not story.done():
            story.cancel()
            return ended.number
        if not options.once:
            echo(_addresses(with_function, without))
            await ended.wait()
        return story.result()


def example_folder() -> Path:
    """Find the example app, in an installed wheel or in a checkout. Raises ConfigError if it cannot run."""
    package = Path(edge_hasher.__file__).parent
    installed, checkout = package / _EXAMPLE_IN_THE_WHEEL, package.parent / _EXAMPLE
    folder = installed if (installed / "app" / "main.py").is_file() else checkout
    if not (folder / "app" / "main.py").is_file():
        raise ConfigError(f"the example app is not there ({_EXAMPLE}): run the demo from a clone of the repository")
    if missing := [name for name in _PACKAGES if find_spec(name) is None]:
        what = "'edge-hasher[demo]'" if folder == installed else f"-r {_EXAMPLE / 'app' / 'requirements.txt'}"
        raise ConfigError(f"the example app needs {', '.join(missing)}: pip install {what}")
    return folder


@asynccontextmanager
async def example_app(folder: Path) -> AsyncIterator[HttpApp]:
    """Run the example agent on a free loopback port, as a process of its own. Raises ConfigError if it cannot."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # The socket listens already: what comes before uvicorn is ready waits, and no port can be taken in between.
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "uvicorn", "app.main:app", "--fd", str(listener.fileno()), "--log-level", "warning"),
            cwd=folder,
            pass_fds=[listener.fileno()],
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches us, and we end it
        )
        try:
            app = HttpApp("127.0.0.1", listener.getsockname()[1])
            await _answers(app, process)
            yield app
        finally:
            await _stop(process)


async def _answers(app: HttpApp, process: asyncio.subprocess.Process) -> None:
    """Wait for a whole answer to GET /health, or say why there is none."""
    asked, died = asyncio.create_task(_health(app)), asyncio.create_task(process.wait())
    done, pending = await asyncio.wait({asked, died}, timeout=_START_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    if asked not in done:
        raise ConfigError("the example app did not start: the lines above say why")


async def _health(app: HttpApp) -> None:
    reader, writer = await asyncio.open_connection(app.host, app.port)
    writer.write(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n")
    await reader.read()
    writer.close()


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOP_TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await process.wait()


def _addresses(with_function: LocalEdge, without: LocalEdge) -> str:
    return f"""
Now try it yourself. Ctrl-C ends it.
  with the function     {with_function.addresses.edge}/#with-function
                        {with_function.addresses.inspector}  shows each request step by step
  without the function  {without.addresses.edge}/#without-function
                        {without.addresses.inspector}
"""

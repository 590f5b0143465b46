"""The local edge: CloudFront, the function, OAC and a Function URL in front of an app, on two loopback ports."""

from __future__ import annotations

import asyncio
import errno
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.local.aws_limits import FUNCTION_URL_HOST, REGION
from edge_hasher.local.cloudfront.model import METHODS
from edge_hasher.local.config import ConfigError, HttpApp, authority, not_started
from edge_hasher.local.exchange import Exchanges
from edge_hasher.local.inspector import Inspector
from edge_hasher.local.origin import oac
from edge_hasher.local.origin.credentials import temporary_credentials
from edge_hasher.local.runtime import FunctionFailure
from edge_hasher.local.serving.app.apps import LambdaApp, app_for
from edge_hasher.local.serving.edge_function import EdgeFunctionRunner
from edge_hasher.local.serving.edge_server import INSPECTOR_PATH, EdgeServer
from edge_hasher.local.serving.function_url_server import FunctionUrlServer
from edge_hasher.local.serving.http_server import listen
from edge_hasher.local.serving.reload import reload_on_change

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from edge_hasher.local.config import EdgeConfig
    from edge_hasher.local.exchange import Exchange
    from edge_hasher.local.origin.credentials import Credentials
    from edge_hasher.local.runtime import ReloadingPool
    from edge_hasher.local.serving.http_server import Handler, Refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a running edge listens, and the keys for calling its Function URL directly."""

    edge: str
    inspector: str
    function_url: str
    caller_keys: Credentials


class LocalEdge:
    """One running edge; use it as a context manager.

    `on_end` is called with each exchange when it has ended, `on_log` with each line that a function's process writes.
    Entering raises ConfigError, in one line, when a function cannot start, a port is taken or no app listens.
    """

    addresses: Addresses  # once it runs

    def __init__(
        self,
        config: EdgeConfig,
        *,
        on_end: Callable[[Exchange], None] | None = None,
        on_log: Callable[[str], None] | None = None,
    ) -> None:
        self._config = config
        self._on_log = on_log
        self._stack = AsyncExitStack()
        self.exchanges = Exchanges(on_end)

    async def __aenter__(self) -> Self:
        async with self._stack as stack:
            self.addresses = await self._start()
            self._stack = stack.pop_all()  # started: what fails before this line ends what was started
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _start(self) -> Addresses:
        config, cloudfront_keys, caller_keys = self._config, temporary_credentials(), temporary_credentials()
        app = app_for(
            config.app, invoke_mode=config.invoke_mode, processes=config.function_processes, on_log=self._on_log
        )
        self._stack.push_async_callback(app.close)
        await app.start()
        function = await self._start_function()

        behind = FunctionUrlServer(
            app,
            self.exchanges,
            cloudfront_keys=cloudfront_keys,
            caller_keys=caller_keys,
            denied=config.denied,
        )
        function_url_port = await self._listen(behind.handle, "127.0.0.1", 0, behind.not_http)
        inspector = Inspector(self.exchanges, about=_about(config, function_url_port))
        front = EdgeServer(
            config,
            self.exchanges,
            function=function,
            access_control=oac.OriginAccessControl(
                behavior=config.behavior, credentials=cloudfront_keys, region=REGION, host=FUNCTION_URL_HOST
            ),
            inspector=inspector,
            function_url=behind,
        )
        port = await self._listen(front.handle, config.host, config.port, front.not_http)
        if config.reload:
            pools = [app.pool] if isinstance(app, LambdaApp) else []
            self._reload(inspector, [*pools, *([function.pool] if function is not None else [])])
        self._stack.callback(inspector.close)  # first to end: its streams would hold the server up
        edge = f"http://{authority(config.host, port)}"
        return Addresses(
            edge=edge,
            inspector=f"{edge}{INSPECTOR_PATH}/",
            function_url=f"http://127.0.0.1:{function_url_port}",
            caller_keys=caller_keys,
        )

    def _reload(self, inspector: Inspector, pools: list[ReloadingPool]) -> None:
        def tell(sentence: str) -> None:
            inspector.tell("Reload", sentence)
            if self._on_log is not None:
                self._on_log(sentence)

        for pool in pools:
            self._stack.push_async_callback(_ended, asyncio.create_task(reload_on_change(pool, tell)))

    async def _start_function(self) -> EdgeFunctionRunner | None:
        config = self._config
        if config.function is None:
            return None
        function = EdgeFunctionRunner(
            config.function,
            processes=config.at_once,
            is_own=config.is_own_function,
            on_log=self._on_log,
        )
        try:
            await self._stack.enter_async_context(function.pool)
        except FunctionFailure as failure:
            raise not_started(f"the function {config.function.handler}", failure) from failure
        return function

    async def _listen(self, handler: Handler, host: str, port: int, refuse: Refuse) -> int:
        try:
            return await self._stack.enter_async_context(listen(handler, host, port, refuse=refuse))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                hint = "name another with --port, or let --port 0 pick one"
                raise ConfigError(f"port {port} of {host} is taken: {hint}") from error
            raise ConfigError(f"cannot listen on port {port} of {host}: {error.strerror}") from error
        except UnicodeError as error:  # a name that IDNA refuses
            raise ConfigError(f"cannot listen on port {port} of {host}: it is not a host name") from error


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


def _about(config: EdgeConfig, function_url_port: int) -> dict[str, str]:
    spec = config.function
    function = "none" if spec is None else spec.handler
    if spec is not None and not config.is_own_function:
        function += f" in {spec.root.name}"
    invoke_mode = config.invoke_mode if isinstance(config.app, HttpApp) else "BUFFERED"
    about = {
        "App": str(config.app),
        "Function": function,
        "Settings": ", ".join(config.settings) or "defaults",
        "Request policy": "AllViewer" if config.policy.forward_host else config.policy.name,
        "OAC": config.behavior,
        "Invoke mode": invoke_mode,
        "Denied permissions": ", ".join(sorted(config.denied)) or "none",
        "Function URL": f"http://127.0.0.1:{function_url_port}",
    }
    # Only where it is not what a stranger expects: on a phone each takes a line.
    if config.policy.methods != METHODS:
        about["Methods"] = ", ".join(sorted(config.policy.methods))
    if spec is not None and not config.include_body:
        about["IncludeBody"] = "off"
    if config.aliases:
        about["Aliases"] = ", ".join(config.aliases)
    if config.error_pages:
        about["Error pages"] = ", ".join(map(str, config.error_pages))
    return about

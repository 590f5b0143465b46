"""boto3's clients, private to this folder: each is made once, and what it raises becomes an OperateError."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import boto3
from botocore.config import Config

from edge_hasher.aws.function_arn import EDGE_REGION
from edge_hasher.aws.parallel import AT_ONCE
from edge_hasher.aws.translation import translated

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 5}, user_agent_extra="edge-hasher", max_pool_connections=AT_ONCE
)
# All Regions are asked for logs, and one that does not answer must not hold up the others for minutes.
_LOGS_CONFIG = _CONFIG.merge(
    Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "max_attempts": 3})
)

ClientT = TypeVar("ClientT")


class Clients:
    """The clients of one account, with profile and Region chosen as the AWS CLI chooses them.

    Nothing is read or sent before the first client is made; a profile that does not exist raises BotoCoreError then.
    """

    def __init__(self, profile: str | None = None, region: str | None = None) -> None:
        self._profile, self._region = profile, region
        self._made: dict[tuple[str, str], Any] = {}
        # Threads may share a client, but must not make two at once (documented: boto3, "Clients").
        self._lock = threading.Lock()

    def get(self, service: str, region: str) -> Any:  # noqa: ANN401 (each service has a class of its own)
        """Return the client of a service in a Region."""
        with self._lock:
            if (service, region) not in self._made:
                self._made[service, region] = self.make(service, region)
            return self._made[service, region]

    def make(self, service: str, region: str) -> Any:  # noqa: ANN401 (as above)
        """Make a client."""
        config = _LOGS_CONFIG if service == "logs" else _CONFIG
        make: Any = self.session.client  # its types want the service as a literal
        return make(service, region_name=region, config=config)

    @cached_property
    def session(self) -> boto3.Session:
        """The session behind the clients."""
        return boto3.Session(profile_name=self._profile, region_name=self._region)


class Service(Generic[ClientT]):
    """The calls on one AWS service; `NAME` is what boto3 calls it, and the prefix of its IAM actions."""

    NAME: ClassVar[str]

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    @contextmanager
    def _client(self, region: str = EDGE_REGION) -> Iterator[ClientT]:
        with translated(self.NAME):
            yield self._clients.get(self.NAME, region)

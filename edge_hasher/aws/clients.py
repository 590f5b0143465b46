"""boto3's clients, private to this folder: each is made once, and what it raises becomes an OperateError."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import NoCredentialsError

from edge_hasher.aws.errors import CredentialsError, OperateError
from edge_hasher.aws.function_arn import EDGE_REGION
from edge_hasher.aws.parallel import AT_ONCE
from edge_hasher.aws.raw_xml import register
from edge_hasher.aws.translation import from_setup, translated

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 5}, user_agent_extra="edge-hasher", max_pool_connections=AT_ONCE
)
# All Regions are asked for logs, and one that does not answer must not hold up the others for minutes.
_LOGS_CONFIG = _CONFIG.merge(
    Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "max_attempts": 3})
)
# An update is sent once: after a lost answer, a second try would meet the first one's new ETag, as if it were another
# writer's. What it sends is not botocore's to validate: raw_xml.py.
_UPDATE_CONFIG = _CONFIG.merge(
    Config(retries={"mode": "standard", "total_max_attempts": 1}, parameter_validation=False)
)

ClientT = TypeVar("ClientT")


class Clients:
    """The clients of one account, with profile and Region chosen as the AWS CLI chooses them.

    Nothing is read or sent before the first client is made; a profile that does not exist raises CredentialsError then.
    """

    def __init__(self, profile: str | None = None, region: str | None = None) -> None:
        self._profile, self._region = profile, region
        self._made: dict[tuple[str, str, bool], Any] = {}
        # Threads may share a client, but must not make two at once (documented: boto3, "Clients").
        self._lock = threading.Lock()

    def get(self, service: str, region: str, *, for_update: bool = False) -> Any:  # noqa: ANN401 (each has a class)
        """Return the client of a service in a Region; the one for updates sends each request once."""
        with self._lock:
            if (service, region, for_update) not in self._made:
                try:
                    client = (self.make_for_updates if for_update else self.make)(service, region)
                except OperateError:
                    raise
                except Exception as error:
                    raise from_setup(error) from error
                register(client)
                self._made[service, region, for_update] = client
            return self._made[service, region, for_update]

    def make(self, service: str, region: str) -> Any:  # noqa: ANN401 (as above)
        """Make a client."""
        return self._make(service, region, _LOGS_CONFIG if service == "logs" else _CONFIG)

    def make_for_updates(self, service: str, region: str) -> Any:  # noqa: ANN401 (as above)
        """Make a client that sends each request once."""
        return self._make(service, region, _UPDATE_CONFIG)

    def _make(self, service: str, region: str, config: Config) -> Any:  # noqa: ANN401 (as above)
        credentials = self.session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        for value in credentials.get_frozen_credentials():
            if value and not (value.isascii() and value.isprintable()):
                raise CredentialsError(
                    "the AWS credentials hold a line break or another character that no key or token has: "
                    "copy them again, whole and without what is around them"
                )
        make: Any = self.session.client  # its types want the service as a literal
        client = make(service, region_name=region, config=config)
        address = urlsplit(client.meta.endpoint_url)
        if address.scheme not in {"http", "https"} or address.port == 0:  # a port that is none raises ValueError
            raise ValueError("not an endpoint")
        return client

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
    def _client(self, region: str = EDGE_REGION, *, for_update: bool = False) -> Iterator[ClientT]:
        """Give a client; an answer that the block cannot read, by whatever error, raises UnexpectedAnswerError."""
        client = self._clients.get(self.NAME, region, for_update=for_update)
        with translated(self.NAME):
            yield client

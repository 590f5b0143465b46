"""Clients that meet each fault at once, and the variables of an account for this process."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from edge_hasher.aws.clients import Clients

if TYPE_CHECKING:
    from collections.abc import Iterator


class OnceClients(Clients):
    """Clients that send each request once."""

    def make(self, service: str, region: str) -> Any:
        """Make a client."""
        return self._make(service, region, Config(retries={"total_max_attempts": 1}))


@contextmanager
def account(**values: str) -> Iterator[None]:
    """Set the variables of an AWS account, and no others of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
            patch.delenv(name, raising=False)
        keys = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMIEXAMPLEKEY"}
        for name, value in (keys | {"AWS_EC2_METADATA_DISABLED": "true"} | values).items():
            patch.setenv(name, value)
        yield

"""STS: whose credentials these are."""

from __future__ import annotations

from typing import Any

from edge_hasher.aws.clients import Service


class Identity(Service[Any]):
    """The one call on STS, which needs no permission (documented: GetCallerIdentity)."""

    NAME = "sts"

    def account(self) -> str:
        """Return the account's number."""
        with self._client() as client:
            return str(client.get_caller_identity()["Account"])

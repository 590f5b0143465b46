"""CloudFront Functions on behaviors, and whether one chooses the origin at run time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edge_hasher.doctor.facts import CloudFrontFunction, Unread
from edge_hasher.doctor.reading.asking import ask
from edge_hasher.doctor.reading.lambda_host import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge_hasher.aws.cloudfront import CloudFront
    from edge_hasher.aws.configuration import CacheBehavior

# Hosts that nobody serves: SST's Router and others put them where a CloudFront Function chooses the origin (seen).
_PLACEHOLDER = re.compile(r"placeholder|dummy|unused|^example\.(com|org|net)$|\.(example|invalid|test)$", re.IGNORECASE)
# Documented: "Helper methods for origin modification".
_CHOOSES = re.compile(r"updateRequestOrigin|selectRequestOriginById|createRequestOriginGroup")
# What is then known of the function behind a behavior.
CHOSEN_AT_RUN_TIME = Unread(
    what="the function behind the behavior", why="a CloudFront Function chooses the origin at run time", after="EH108"
)


def chooser(functions: Iterable[CloudFrontFunction], host: str, *, named: bool = False) -> str:
    """Return which of a behavior's functions chooses another origin than `host`, as far as can be told, or nothing.

    `named`: the user has named the Lambda function that it leads to.
    """
    function = _viewer_request(functions)
    if function is None or kind_of(host) != "other":
        return ""
    chooses = _CHOOSES.search(function.certain_code)
    return function.name if named or chooses or _PLACEHOLDER.search(host) else ""


def _viewer_request(functions: Iterable[CloudFrontFunction]) -> CloudFrontFunction | None:
    return next((each for each in functions if each.event == "viewer-request"), None)


class CloudFrontFunctions:
    """The functions of a distribution's behaviors, each read once."""

    def __init__(self, cloudfront: CloudFront) -> None:
        self._cloudfront = cloudfront
        self._code: dict[str, str | Unread | None] = {}

    def of(self, behavior: CacheBehavior) -> tuple[CloudFrontFunction, ...]:
        """Return the functions of a behavior."""
        items = (behavior.settings.get("FunctionAssociations") or {}).get("Items") or []
        names = [(item["FunctionARN"].rpartition("/")[2], item["EventType"]) for item in items]
        return tuple(CloudFrontFunction(name=name, event=event, code=self._read(name)) for name, event in names)

    def viewer_request(self, behavior: CacheBehavior) -> CloudFrontFunction | None:
        """Return the function that changes requests, of which a behavior has one at most."""
        return _viewer_request(self.of(behavior))

    def chooser(self, behavior: CacheBehavior, host: str, *, named: bool) -> str:
        """Return the function that chooses another origin than `host`, as `chooser` does."""
        return chooser(self.of(behavior), host, named=named)

    def _read(self, name: str) -> str | Unread | None:
        if name not in self._code:
            what = f"the CloudFront Function {name}"
            self._code[name] = ask(what, lambda: self._cloudfront.function_code(name))
        return self._code[name]

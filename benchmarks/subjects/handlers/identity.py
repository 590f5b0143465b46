"""The baseline: returns the request as it came, body and all."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def lambda_handler(event: "Any", context: object) -> "Any":  # noqa: ARG001 - Lambda passes two
    """Return the request."""
    return event["Records"][0]["cf"]["request"]

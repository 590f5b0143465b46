"""The Lambda@Edge handler: event in, request or response out.

Decisions are made in `decision.py`. The ordinary path writes no log line; what logging needs is imported when it logs.
"""

import sys

from . import runtime_marshaller
from .decision import decide, explained

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._types import Config, Event, Request, Response
    from .decision import Decision


def _keep_freed_memory() -> None:
    """Keep the C library from giving freed memory back to the system (docs/decisions, "Keep freed memory").

    It would fault the memory in again for the next large body: for 1 MB that is 440 page faults and a quarter of the
    CPU time. Freeing one mapped block raises the size from which it does so (documented: mallopt(3),
    M_MMAP_THRESHOLD). The block is never touched, so it takes no memory.
    """
    bytes(16 * 1024 * 1024)


_keep_freed_memory()
runtime_marshaller.install()


def lambda_handler(event: "Event", context: object) -> "Request | Response":  # noqa: ARG001 - Lambda passes two
    """Return the request with its body's digest, ready for OAC to sign, or a response that refuses it.

    Raises EventError for an event that is not CloudFront's origin-request event; the viewer gets CloudFront's 503.
    """
    try:
        cf = event["Records"][0]["cf"]
        config, request, event_type = cf["config"], cf["request"], cf["config"]["eventType"]
    except (LookupError, TypeError) as error:
        raise explained(error, event) from None
    decision = decide(request, event_type)
    if decision.refusal is not None or decision.anomaly is not None:
        _report(decision, config, request)
    return decision.answer


def _report(decision: "Decision", config: "Config", request: "Request") -> None:
    """Log what came of a request; whatever goes wrong with that, the viewer still gets the answer."""
    try:
        from . import telemetry

        telemetry.report(decision, config, request)
    except Exception as error:  # noqa: BLE001 - as above
        print(f"edge-hasher could not log: {type(error).__name__}", file=sys.stderr)  # noqa: T201 - the last resort

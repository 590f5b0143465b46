"""The Lambda@Edge handler: event in, request or response out.

Decisions are made in `decision.py`. The ordinary path writes no log line; what logging needs is imported when it logs.
"""

from .decision import EventError, decide

# The C library gives freed memory back to the system, and faults it in again for the next large body: for 1 MB that is
# 440 page faults and a quarter of the CPU time. Freeing one mapped block raises the size from which it does so
# (documented: mallopt(3), M_MMAP_THRESHOLD). The block is never touched, so it takes no memory.
bytes(16 * 1024 * 1024)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._types import Event, Request, Response


def lambda_handler(event: "Event", context: object) -> "Request | Response":  # noqa: ARG001 - Lambda passes two
    """Return the request with its body's digest, ready for OAC to sign, or a response that refuses it.

    Raises EventError for an event that is not CloudFront's origin-request event; the viewer gets CloudFront's 503.
    """
    try:
        cf = event["Records"][0]["cf"]
        config, request = cf["config"], cf["request"]
        decision = decide(request, config["eventType"])
    except (AttributeError, LookupError, TypeError):
        from .event_shape import fault_of

        fault = fault_of(event)
        if fault is None:
            raise  # the event is not to blame
        raise EventError(f"expected a CloudFront origin-request event: {fault}") from None
    if decision.refusal is not None or decision.anomaly is not None:
        from . import telemetry

        telemetry.report(decision, config, request)
    return decision.answer

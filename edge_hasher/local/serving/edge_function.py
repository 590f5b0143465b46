"""Calling the origin-request function: its event, its processes, and what CloudFront makes of its answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from edge_hasher.function.decision import DIGEST_HEADER, decide
from edge_hasher.local.cloudfront import errors
from edge_hasher.local.cloudfront.event import NO_BODY, delivered_body, exposes_body, origin_request_event
from edge_hasher.local.cloudfront.invalid import InvalidResult
from edge_hasher.local.cloudfront.result import Forward, parse_result, validate_result
from edge_hasher.local.cloudfront.result_response import GeneratedResponse
from edge_hasher.local.exchange import WORD_LIMIT_CHARS, Step
from edge_hasher.local.runtime import FunctionFailure, ReloadingPool
from edge_hasher.terminal import bytes_text, printable, seconds_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge_hasher.local.cloudfront.model import ForwardedRequest
    from edge_hasher.local.config import EdgeConfig
    from edge_hasher.local.runtime import FunctionSpec, Invocation

_LOOP_BODY_CHARS = 64 * 1024
_NO_DATA = {"data": ""}
_json_text = json.JSONEncoder(check_circular=False).encode  # an event has no circles
FunctionOutcome = Forward | GeneratedResponse | errors.EdgeError


@dataclass(frozen=True, slots=True)
class FunctionVerdict:
    """What the function made of a request: what happens next, and a word or two for the log."""

    outcome: FunctionOutcome
    decision: str


class EdgeFunctionRunner:
    """The function of the distribution, in a pool of processes; `is_own` if the decision table explains it."""

    def __init__(
        self, spec: FunctionSpec, *, processes: int, is_own: bool, on_log: Callable[[str], None] | None
    ) -> None:
        self.pool = ReloadingPool(spec, size=processes, on_log=on_log)
        self.is_own = is_own
        # An event of 1.4 MB is built only when a process is free for it, not for each waiting request.
        self.places = asyncio.Semaphore(processes)


async def ask(
    function: EdgeFunctionRunner | None,
    request: ForwardedRequest,
    config: EdgeConfig,
    prefix: bytes,
    *,
    more: bool,
    note: Callable[[Step | Callable[[], Step]], None],
) -> FunctionVerdict:
    """Return what becomes of the request, whose body begins with `prefix`; without a function it goes on as it is.

    `note` is called with each step, as `Exchanges.step` takes it.
    """
    if function is None:
        note(Step("function", "No function", ok=None, sentence="No origin-request function is associated."))
        forward = Forward(
            method=request.method,
            target=request.target,
            headers=request.origin_headers,
            body=None,
            origin={},
            notes=(),
        )
        return FunctionVerdict(forward, "no function")
    async with function.places:
        body = delivered_body(prefix, more=more) if exposes_body(request.method, config.policy) else NO_BODY
        event: Any = origin_request_event(
            request,
            origin=config.origin,
            distribution=config.distribution,
            body=body if config.include_body else None,
        )
        note(_event_step(event))
        try:
            invocation = await function.pool.invoke(event_json(event), request_id=request.request_id)
        except FunctionFailure as failure:
            note(_failure_step(failure))
            return FunctionVerdict(errors.FUNCTION_FAILED, failure.kind)
    try:
        outcome = validate_result(parse_result(invocation.response), event=event, request=request)
    except InvalidResult as invalid:
        sentence = f"CloudFront refuses the function's result: {invalid.reason}"
        note(Step("function", "Function", ok=False, sentence=sentence))
        return FunctionVerdict(errors.invalid_result(invalid.text), "invalid result")
    decision, step = _decision(outcome, await row_of(event, outcome) if function.is_own else None, invocation)
    note(step)
    return FunctionVerdict(outcome, decision)


def event_json(event: Any) -> bytes:  # noqa: ANN401 - JSON
    """Return the event as json.dumps writes it, but that base64 is not searched for what needs an escape."""
    request = _request_of(event)
    body = request.get("body")
    if body is None:
        return _json_text(event).encode()
    # With a body that cannot be mistaken for another value: the first and only key of an object in an object.
    marked = {**request, "body": {"": ""}}
    cf = {**event["Records"][0]["cf"], "request": marked}
    before, mark, after = _json_text({"Records": [{"cf": cf}]}).rpartition('{"": ""}')
    assert mark  # noqa: S101 - it was put there
    truncated = "true" if body["inputTruncated"] else "false"
    opening = f'{before}{{"action": "read-only", "data": "'
    closing = f'", "encoding": "base64", "inputTruncated": {truncated}}}{after}'
    return b"".join([opening.encode(), body["data"].encode("ascii"), closing.encode()])


async def row_of(event: Any, outcome: Forward | GeneratedResponse) -> str:  # noqa: ANN401 - JSON
    """Return the row that answered, by deciding once more, but for the row that hashes: its answer alone tells it.

    It is the one that sets a digest which the viewer did not claim, on a body that is there.
    """
    request = _request_of(event)
    data = request.get("body", _NO_DATA)["data"]
    is_set = isinstance(outcome, Forward) and _digests_of(outcome)
    if is_set and data and DIGEST_HEADER not in request["headers"]:
        return "body-hashed"
    # A long body in a thread: the loop carries every stream.
    return (decide(request) if len(data) <= _LOOP_BODY_CHARS else await asyncio.to_thread(decide, request)).row


def _request_of(event: Any) -> Any:  # noqa: ANN401 - JSON
    return event["Records"][0]["cf"]["request"]


def _decision(
    outcome: Forward | GeneratedResponse, row: str | None, invocation: Invocation
) -> tuple[str, Step | Callable[[], Step]]:
    if isinstance(outcome, GeneratedResponse):
        word, sentence = _generated_words(outcome)
        step: Step | Callable[[], Step] = _function_step(sentence, row, invocation.duration_s, ok=False)
    else:
        digests = _digests_of(outcome)
        word = "digest" if digests else "no digest"
        forwarded = partial(_forwarded_step, digests, outcome.notes, row, invocation.duration_s, invocation.log)
        # A log is cut where the step is made, so it is made at once.
        step = forwarded() if invocation.log else forwarded
    return word if row in {None, word} else f"{word} (row {row})", step


def _digests_of(forward: Forward) -> list[str]:
    return [value for name, value in forward.headers if name.lower() == DIGEST_HEADER]


def _forwarded_step(
    digests: list[str], notes: tuple[str, ...], row: str | None, duration_s: float, log: Sequence[str]
) -> Step:
    sentence = " ".join([f"The function forwards the request with{'' if digests else 'out'} a digest.", *notes])
    step = _function_step(sentence, row, duration_s, ok=True)
    digest_facts = (("Digest", printable(", ".join(digests))),) if digests else ()
    blocks = (("Log", "\n".join(log)),) if log else ()
    return replace(step, facts=step.facts + digest_facts, blocks=blocks)


def _function_step(sentence: str, row: str | None, duration_s: float, *, ok: bool) -> Step:
    facts = (("Time", seconds_text(duration_s)),)
    row_facts = (("Row of the decision table", row),) if row is not None else ()
    return Step("function", "Function", ok=ok, sentence=sentence, facts=row_facts + facts)


def _generated_words(generated: GeneratedResponse) -> tuple[str, str]:
    """Return a word and a sentence for a generated response; a problem document has both."""
    try:
        problem = json.loads(generated.body)
        word = str(problem["type"]).rpartition(":")[2]
        return word[:WORD_LIMIT_CHARS], f"{problem['title']}. {problem['detail']}"
    except (ValueError, TypeError, KeyError):
        return "answered", f"The function answered the viewer itself, with {generated.status}."


def _event_step(event: Any) -> Callable[[], Step]:  # noqa: ANN401 - JSON
    """Return what writes the step; it holds no body."""
    request = _request_of(event)
    method, uri, headers, body = request["method"], request["uri"], request["headers"].keys(), request.get("body")
    length_chars, cut = (len(body["data"]), body["inputTruncated"]) if body else (None, False)

    def make() -> Step:
        size = "not delivered: IncludeBody is off"
        if length_chars is not None:
            size = f"{bytes_text(length_chars)} of base64{', cut at 1 MiB' if cut else ''}"
        facts = (
            ("Method", printable(method)),
            ("URI", printable(uri)),
            ("Body", size),
            ("Headers", ", ".join(sorted(headers))),
        )
        sentence = "CloudFront passes the event to the function."
        return Step("event", "Origin request", ok=True, sentence=sentence, facts=facts)

    return make


def _failure_step(failure: FunctionFailure) -> Step:
    trace = printable("".join(failure.stack_trace), keep_lines=True)
    log = printable("\n".join(failure.log), keep_lines=True)
    sentence = f"The function {failure.kind}: {printable(failure.error_type)}: {printable(failure.message)}"
    blocks = tuple(block for block in (("Trace", trace), ("Log", log)) if block[1])
    return Step("function", "Function", ok=False, sentence=sentence, blocks=blocks)
